#include "engine/stage.hpp"

#include <algorithm>
#include <cmath>

#include "pipebench/base/clock.hpp"

namespace pipebench {

Stage::Stage(std::size_t stream_count, std::uint32_t runners_of_stream)
    : runners_here(static_cast<std::uint32_t>(stream_count * runners_of_stream)),
      share_(1),
      streams_(stream_count),
      sent_from_(stream_count),
      runners_of_stream_(runners_of_stream) {}

bool Stage::meet(unsigned phase) noexcept {
  if (phase == 2 && is_last_here(here_before_)) read_before();
  return share().barriers[phase - 1].meet(runners());
}

bool Stage::gather_at_end() noexcept {
  if (is_last_here(here_after_)) read_after();
  return share().ended.gather(runners());
}

bool Stage::is_last_here(std::atomic<std::uint32_t>& arrived) const noexcept {
  return arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == runners_here;
}

// /proc/stat is of the whole machine: of several processes, the last one's reading stays.
void Stage::read_steal(std::atomic<double>& reading) const noexcept {
  if (watched_cpus.empty()) return;
  if (const auto seconds = read_steal_seconds(watched_cpus)) reading = *seconds;
}

void Stage::read_before() noexcept {
  read_steal(share().steal_before);
  if (counts_workers) usage_before_ = read_process_usage();
}

void Stage::read_after() noexcept {
  read_steal(share().steal_after);
  if (!usage_before_) return;
  const auto usage = read_process_usage();
  if (!usage) return;
  share().worker_seconds.fetch_add(worker_seconds(*usage_before_, *usage));
  share().runners_with_known_workers.fetch_add(runners_here);
}

std::optional<double> Stage::worker_seconds_used() const {
  if (share().runners_with_known_workers != runners()) return std::nullopt;
  return share().worker_seconds.load();
}

std::optional<double> Stage::steal_seconds() const {
  const double stolen = share().steal_after - share().steal_before;
  if (std::isnan(stolen)) return std::nullopt;
  return std::max(0.0, stolen);  // a migrated guest may count anew
}

void Stage::note_begin(unsigned phase) noexcept {
  if (share().begun[phase - 1].fetch_add(1, std::memory_order_acq_rel) + 1 < runners()) return;
  if (phase == 2) take_snapshot(share().all_begun, &StreamShare::consumed_at_begin);
  share().phases_begun.store(phase, std::memory_order_release);
}

void Stage::note_end() noexcept {
  if (!share().one_has_ended.exchange(true, std::memory_order_acq_rel))
    take_snapshot(share().first_ended, &StreamShare::consumed_at_end);
}

void Stage::note_done() noexcept {
  if (share().runners_done.fetch_add(1, std::memory_order_acq_rel) + 1 < runners()) return;
  share().all_done.store(1, std::memory_order_release);
  futex_wake_all(share().all_done);
}

void Stage::take_snapshot(SnapshotTime& time, std::uint64_t StreamShare::*consumed) noexcept {
  // If the thread is preempted while reading, the values belong to different moments: read again.
  constexpr unsigned most_tries = 100;
  const std::uint64_t at_once_ns = 20'000 + 500 * streams().size();
  for (unsigned i = 0; i < most_tries; ++i) {
    time.from_ns = monotonic_ns();
    for (StreamShare& stream : streams()) stream.*consumed = stream.moved(Role::reader, 2);
    time.to_ns = monotonic_ns();
    if (time.to_ns - time.from_ns <= at_once_ns) return;
  }
}

const Smaps& Stage::smaps() {
  std::call_once(smaps_read_, [this] { smaps_.emplace(); });
  return *smaps_;
}

void Stage::abort() noexcept {
  for (StreamShare& stream : streams()) {
    for (Link* link : {&stream.warmup, &stream.measured})
      link->control.stop.store(Stop::now, std::memory_order_release);
    for (HandoverMeeting* meeting : {&stream.before, &stream.after}) {
      meeting->barrier.give_up();
      meeting->share.give_up();
    }
  }
  for (Barrier& barrier : share().barriers) barrier.give_up();
  share().ended.give_up();
}

void Stage::abandon() noexcept {
  abort();
  for (StreamShare& stream : streams()) stream.exit_barrier.give_up();
}

}  // namespace pipebench
