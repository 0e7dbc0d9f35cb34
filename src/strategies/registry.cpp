#include "pipebench/strategies/registry.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <future>
#include <vector>

#include "pipebench/base/error.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

std::string sentence(std::string_view failure, int code) {
  const bool may_be_forbidden = code == EPERM || code == EACCES || code == ENOSYS;
  return fmt::format("{}{}.", failure, may_be_forbidden ? "; a seccomp profile or the kernel forbids it" : "");
}

ssize_t put(const Pipe& pipe, std::span<const std::byte> pages) {
  if (pipe.ring() != nullptr) return pipe.ring()->write(pages.data(), pages.size(), false);
  return ::write(pipe.write_fd(), pages.data(), pages.size());
}

CaseSpec one_page() {
  CaseSpec spec;
  spec.wait = Wait::busy;
  spec.buffer_bytes = page_sizes_here().base;
  spec.buffers = 1;
  return spec;
}

// Moves as many pages as there are buffers. Uses the strategy's own end and loop, so that it tries exactly what a case
// does. The phase is aborted before it begins, so that a call that would have to wait is not repeated.
Tally move_pages(const StrategyDescriptor& strategy, CaseSpec spec) {
  const std::size_t bytes = spec.buffers * spec.buffer_bytes;
  spec.pipe_bytes = bytes;
  const bool writes = strategy.info.role == Role::writer;
  const bool blocks = spec.wait == Wait::block;
  const Pipe pipe = Pipe::of(strategy.info.transport, bytes, !blocks);
  const Pipe way_back(bytes, !blocks);
  std::atomic<const std::byte*> sent_from{nullptr};
  const auto end =
      strategy.make({.spec = spec,
                     .info = strategy.info,
                     .exchange = {.returns = {&way_back, 1}, .sent_from = sent_from, .pipes = {&pipe, 1}}});
  const std::vector<std::byte> pages(bytes);
  if (!writes && put(pipe, pages) < 0) throw SystemError(fmt::format("write(pipe, {} bytes)", pages.size()), errno);
  Link link;
  link.control.stop = Stop::now;
  link.control.final_bytes = bytes;
  const int fd = writes ? pipe.write_fd() : pipe.read_fd();
  return end->run({.link = link, .pipes = {&fd, 1}, .byte_target = bytes});
}

std::vector<StrategyInfo> infos_of(std::span<const StrategyDescriptor* const> strategies) {
  std::vector<StrategyInfo> infos;
  for (const StrategyDescriptor* strategy : strategies) infos.push_back(strategy->info);
  return infos;
}

/// Both empty when it can run.
struct Refused {
  std::string reason = {};  ///< a sentence
  std::string cause = {};   ///< "vmsplice: EPERM (...)"
};

Refused refused_call(std::string_view failure, std::string_view call, int code) {
  return {.reason = sentence(failure, code), .cause = fmt::format("{}: {}", call, describe_errno(code))};
}

// Nothing is tried: no byte comes twice.
void find_outside_pipe(StrategyInfo& info) {
  const bool reads = info.role == Role::writer;
  const int fd = reads ? STDIN_FILENO : STDOUT_FILENO;
  const std::string why_not = why_no_pipe(fd, reads);
  if (why_not.empty()) {
    info.found_pipe_bytes = pipe_capacity(fd);
  } else {
    info.unavailable =
        reads ? fmt::format("Standard input {}, and has to be a pipe: `producer | pipebench ...`", why_not)
              : fmt::format("Standard output {}, and has to be a pipe: `pipebench ... | consumer`", why_not);
  }
}

// Is all moved by one call, too?
Refused why_refused(const StrategyDescriptor& strategy, const CaseSpec& spec) try {
  while (true) {
    const Tally tally = move_pages(strategy, spec);
    if (tally.bytes > 0 && tally.calls == 1) return {};
    const auto call = strategy.info.system_call;
    const std::string pages = spec.buffers == 1 ? "one page" : counted(spec.buffers, "page");
    const std::string attempt = fmt::format("{}() of {}", call, pages);
    if (tally.error != 0)
      return refused_call(fmt::format("{} fails with {}", attempt, describe_errno(tally.error)), call, tally.error);
    if (tally.end_of_file) return {.reason = attempt + " moves nothing."};
    if (tally.bytes > 0) return {.reason = attempt + " moves them one by one."};
    if (tally.would_block > 0) return {.reason = attempt + " would wait, with nothing to wait for."};
  }  // a signal came
} catch (const SystemError& error) {
  const std::string_view what = error.what();
  return refused_call(what, what.substr(0, what.find('(')), error.code());
} catch (const std::exception& error) {
  return {.reason = sentence(error.what(), 0)};
}

CaseSpec all_that_uring_does() {
  CaseSpec spec = one_page();
  spec.wait = Wait::block;
  spec.depth = spec.buffers = 2;
  spec.sqpoll = spec.registered = true;
  return spec;
}

void probe_options_of_uring(const StrategyDescriptor& strategy, StrategyInfo& info) {
  CaseSpec chain = one_page();
  chain.wait = Wait::block;
  chain.depth = chain.buffers = 2;
  info.no_depth = why_refused(strategy, chain).reason;
  CaseSpec by_thread = one_page();
  by_thread.sqpoll = true;
  info.no_sqpoll = why_refused(strategy, by_thread).reason;
  CaseSpec registered = one_page();
  registered.registered = true;
  info.no_registered = why_refused(strategy, registered).reason;
}

}  // namespace

const StrategyDescriptor* find_strategy(Role role, std::string_view name) {
  for (const StrategyDescriptor* strategy : role == Role::writer ? all_writers() : all_readers()) {
    if (strategy->info.name == name) return strategy;
  }
  return nullptr;
}

std::string why_unavailable(const StrategyDescriptor& strategy) { return why_refused(strategy, one_page()).reason; }

Catalog whole_catalog() { return {.writers = infos_of(all_writers()), .readers = infos_of(all_readers())}; }

Catalog probe_catalog() {
  // In a thread of its own, if one can be started: io_uring workers end with the thread that they worked for, and would
  // outlive a probe in this one by seconds.
  const auto probe = [] {
    Catalog catalog = whole_catalog();
    for (auto* infos : {&catalog.writers, &catalog.readers}) {
      for (StrategyInfo& info : *infos) {
        if (info.outside) {
          find_outside_pipe(info);
          continue;
        }
        const StrategyDescriptor& strategy = *find_strategy(info.role, info.name);
        // All at once: rings count against `ulimit -l` for some time after they are gone.
        if (info.uses.uring && why_refused(strategy, all_that_uring_does()).reason.empty()) continue;
        Refused refused = why_refused(strategy, one_page());
        if (info.uses.uring && refused.reason.empty()) probe_options_of_uring(strategy, info);
        info.unavailable = std::move(refused.reason);
        info.unavailable_cause = std::move(refused.cause);
      }
    }
    catalog.no_gift = why_no_gift();
    return catalog;
  };
  return std::async(std::launch::async | std::launch::deferred, probe).get();
}

}  // namespace pipebench
