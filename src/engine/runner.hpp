// The ends of a sample: started, watched until they end, and heard.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "engine/end_work.hpp"
#include "engine/stage.hpp"

namespace pipebench {

/// The strategies of a case.
struct Strategies {
  const StrategyDescriptor& writer;
  const StrategyDescriptor& reader;
  [[nodiscard]] bool have_kernel_workers() const { return writer.info.kernel_workers || reader.info.kernel_workers; }
};
/// Those of the registry that the case names.
[[nodiscard]] Strategies strategies_of(const CaseSpec& spec);

/// The pipes of one stream: those that lead to the reader, and, for `recycle`, those that lead back.
struct StreamPipes {
  std::vector<Pipe> pipes;
  std::vector<Pipe> returns;
};
/// Pipes as the case asks for them. Throws SystemError.
[[nodiscard]] StreamPipes make_pipes(const StrategyInfo& writer, const CaseSpec& spec);

/// All streams of a sample: their pipes, and what their ends share.
struct Streams {
  Streams(const Strategies& strategies, const CaseSpec& spec, const Sampling& sampling);
  Strategies strategies;
  Stage stage;
  std::vector<StreamPipes> pipes;
};

/// What all ends found out, and why they ended.
struct Run {
  std::vector<EndReport> writers;  ///< of each stream
  std::vector<EndReport> readers;
  bool interrupted = false;
  bool out_of_time = false;
  std::string failure;  ///< a sentence, empty when all went well
};

/// Runs a writer and a reader for each stream, on the CPUs that `spec` gives them. `interrupt`: non-zero when the run
/// is to end. `limit_seconds`: the measured phase is ended after so long, wherever it is; empty: never.
[[nodiscard]] Run run_streams(Streams& streams, const CaseSpec& spec, const Sampling& sampling, Purpose purpose,
                              const Topology& topology, const std::atomic<int>& interrupt,
                              std::optional<double> limit_seconds = {});

}  // namespace pipebench
