#include "engine/stage.hpp"

#include <algorithm>
#include <cmath>

#include "pipebench/base/clock.hpp"
#include "pipebench/base/rounding.hpp"

namespace pipebench {

namespace {

std::size_t behind_the_first(std::size_t ends) { return ends - std::min<std::size_t>(1, ends); }

std::size_t further_ends(const StreamShape& shape) {
  return behind_the_first(shape.writers) + behind_the_first(shape.readers);
}

}  // namespace

Stage::Stage(std::size_t stream_count, StreamShape shape)
    : runners_here(static_cast<std::uint32_t>(stream_count * shape.runners)),
      share_(1),
      streams_(stream_count),
      further_progress_(2 * stream_count * further_ends(shape)),
      snapshots_(stream_count * shape.ends()),
      sent_from_(stream_count),
      shape_(shape) {
  for (StreamShare& stream : streams()) {
    for (Link* link : {&stream.warmup, &stream.measured}) link->control.writers_left = shape.writers;
  }
}

Link::Progress& Stage::progress(std::size_t stream, unsigned phase, Role role, std::size_t index) const noexcept {
  Link& link = streams()[stream].link(phase);
  const bool writes = role == Role::writer;
  if (index == 0) return writes ? link.produced : link.consumed;
  const std::size_t links_before = 2 * stream + (phase == 1 ? 0 : 1);
  const std::size_t ends_before = (writes ? 0 : behind_the_first(shape_.writers)) + index - 1;
  return further_progress_.objects()[links_before * further_ends(shape_) + ends_before];
}

std::uint64_t Stage::moved(std::size_t stream, unsigned phase, Role role) const noexcept {
  std::uint64_t bytes = 0;
  const std::size_t ends = role == Role::writer ? shape_.writers : shape_.readers;
  for (std::size_t i = 0; i < ends; ++i)
    bytes += progress(stream, phase, role, i).bytes.load(std::memory_order_acquire);
  return bytes;
}

std::uint64_t Stage::moved_meanwhile(std::size_t stream, Role role, std::size_t index) const noexcept {
  const EndSnapshots& bytes = snapshots(stream, role, index);
  return bytes.at_end - bytes.at_begin;
}

std::uint64_t Stage::bytes_to_send(unsigned phase, std::size_t writer, std::uint64_t buffer_bytes) const noexcept {
  const std::uint64_t all = phase == 1 ? warmup_bytes : measured_bytes;
  if (all == no_limit || shape_.writers <= 1) return all;
  const std::uint64_t buffers = divide_up(all, buffer_bytes);
  const auto before = [&](std::uint64_t writers) {
    return std::min(buffers * writers / shape_.writers * buffer_bytes, all);
  };
  return before(writer + 1) - before(writer);
}

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
  if (phase == 2) take_snapshot(share().all_begun, &EndSnapshots::at_begin);
  share().phases_begun.store(phase, std::memory_order_release);
}

void Stage::note_end(std::size_t stream, unsigned phase, Role role) noexcept {
  const bool ends_sample = phase == 2 && (role == Role::reader || shape_.is_shared());
  if (ends_sample && !share().one_has_ended.exchange(true, std::memory_order_acq_rel))
    take_snapshot(share().first_ended, &EndSnapshots::at_end);
  StreamShare::Through& through = streams()[stream].through[phase - 1];
  (role == Role::writer ? through.writers : through.readers).fetch_add(1, std::memory_order_acq_rel);
  if (is_draining(stream, phase)) futex_wake_all(share().all_done);  // the controller is to look after the readers
}

bool Stage::is_draining(std::size_t stream, unsigned phase) const noexcept {
  const StreamShare::Through& through = streams()[stream].through[phase - 1];
  return shape_.readers > 1 && through.writers.load(std::memory_order_acquire) == shape_.writers &&
         through.readers.load(std::memory_order_acquire) < shape_.readers;
}

void Stage::note_done() noexcept {
  if (share().runners_done.fetch_add(1, std::memory_order_acq_rel) + 1 < runners()) return;
  share().all_done.store(1, std::memory_order_release);
  futex_wake_all(share().all_done);
}

void Stage::take_snapshot(SnapshotTime& time, std::uint64_t EndSnapshots::*moved) noexcept {
  // If the thread is preempted while reading, the values belong to different moments: read again.
  constexpr unsigned most_tries = 100;
  const std::uint64_t at_once_ns = 20'000 + 250 * shape_.ends() * streams().size();
  const auto note = [&](std::size_t stream, Role role, std::size_t ends) {
    for (std::size_t i = 0; i < ends; ++i)
      snapshots(stream, role, i).*moved = progress(stream, 2, role, i).bytes.load(std::memory_order_acquire);
  };
  for (unsigned i = 0; i < most_tries; ++i) {
    time.from_ns = monotonic_ns();
    for (std::size_t stream = 0; stream < streams().size(); ++stream) {
      note(stream, Role::reader, shape_.readers);
      note(stream, Role::writer, shape_.writers);
    }
    time.to_ns = monotonic_ns();
    if (time.to_ns - time.from_ns <= at_once_ns) return;
  }
}

const Smaps& Stage::smaps() {
  std::call_once(smaps_read_, [this] { smaps_.emplace(); });
  return *smaps_;
}

void Stage::abort() noexcept {
  share().aborted.store(true, std::memory_order_release);
  for (StreamShare& stream : streams()) {
    for (Link* link : {&stream.warmup, &stream.measured, &stream.answers[0], &stream.answers[1]})
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
