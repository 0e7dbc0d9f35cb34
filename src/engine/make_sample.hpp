// From what the ends of a run reported to a sample.
#pragma once

#include "engine/runner.hpp"
#include "pipebench/engine/sample.hpp"

namespace pipebench {

/// What memory the ends got, what was missed and what they noted.
void report_obtained(SampleOutcome& outcome, const Run& run);

/// Of a run that neither failed nor was interrupted. Leaves a `sample`, or a `failure` when there was no time in which
/// all streams ran.
void make_sample(SampleOutcome& outcome, const Run& run, const Streams& streams, const Sampling& sampling,
                 unsigned round);

}  // namespace pipebench
