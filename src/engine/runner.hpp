// The threads of a sample: started, watched until they end, and heard.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "engine/end_thread.hpp"
#include "engine/stage.hpp"

namespace pipebench {

/// The pipes of one stream.
struct StreamPipes {
  StreamPipes(StreamShare& share, const CaseSpec& spec);
  std::vector<Pipe> pipes;
};

/// All streams of a sample: their pipes, and what their threads share.
struct Streams {
  Streams(const CaseSpec& spec, const Sampling& sampling);
  Stage stage;
  std::vector<StreamPipes> pipes;
};

/// What all ends found out, and why they ended.
struct Run {
  std::vector<EndReport> writers;  ///< of each stream
  std::vector<EndReport> readers;
  bool interrupted = false;
  std::string failure;  ///< a sentence, empty when all went well
};

/// Runs a writer and a reader for each stream, on the CPUs that `spec` gives them. `interrupt`: non-zero when the run
/// is to end.
[[nodiscard]] Run run_streams(Streams& streams, const CaseSpec& spec, const Sampling& sampling, Purpose purpose,
                              const Topology& topology, const std::atomic<int>& interrupt);

}  // namespace pipebench
