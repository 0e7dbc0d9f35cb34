#include "analysis/remedies.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace pipebench {
namespace {

using Profiled = const ProfiledCase&;

bool writer_copies(Profiled profiled) { return profiled.writer.copies > 0; }
bool writer_fills_new_pages(Profiled profiled) {
  return profiled.writer.copies > 0 && profiled.writer.reuse == Reuse::at_once;
}
// Into the strategy's own ring, which its own code does: no system call would.
bool copies_in_user_space(Profiled profiled) {
  return profiled.writer.copies > 0 && profiled.writer.reuse == Reuse::own_ring;
}
// One that drops the pages shows nobody the bytes.
bool reader_copies_unseen(Profiled profiled) {
  return profiled.reader.copies > 0 && profiled.spec.consume == Consume::none;
}
bool drops_pages(Profiled profiled) { return profiled.writer.reuse == Reuse::new_pages; }
bool does_not_circulate(Profiled profiled) {
  return profiled.writer.moves_bytes && profiled.writer.reuse != Reuse::on_return;
}
bool writes_to_no_page_first(Profiled profiled) { return profiled.spec.no_touch && profiled.writer.uses.no_touch; }
bool reads_into_no_page_first(Profiled profiled) { return profiled.spec.no_touch && profiled.reader.uses.no_touch; }

// Not of files: the page cache is searched page by page, whatever backs it. What is sent again is looked up once.
bool sends_small_pages(Profiled profiled) {
  return profiled.spec.pages == Pages::k4 && profiled.writer.backing == Backing::anonymous &&
         profiled.writer.moves_bytes && !profiled.writer.replay && does_not_circulate(profiled);
}
bool sends_kept_small_pages(Profiled profiled) { return sends_small_pages(profiled) && !drops_pages(profiled); }
bool receives_into_small_pages(Profiled profiled) {
  return profiled.spec.pages == Pages::k4 && profiled.reader.receives;
}

// Pages that user space cannot map hold the same bytes forever.
bool reader_may_have_large_slots(Profiled profiled) {
  const CaseSpec& spec = profiled.spec;
  return spec.pages != Pages::skb && profiled.reader.takes_skb && spec.payload == Payload::fixed &&
         spec.consume == Consume::none;
}
bool both_may_have_large_slots(Profiled profiled) {
  return reader_may_have_large_slots(profiled) && profiled.writer.takes_skb;
}
bool writer_is_in_the_way_of_large_slots(Profiled profiled) {
  return reader_may_have_large_slots(profiled) && !profiled.writer.takes_skb;
}

// A worker sleeps and is woken whatever --wait says.
bool any_workers(Profiled profiled) { return profiled.writer.kernel_workers || profiled.reader.kernel_workers; }
bool may_sleep(Profiled profiled) { return profiled.spec.may_sleep() && !any_workers(profiled); }
bool writes_by_workers(Profiled profiled) { return profiled.writer.kernel_workers && profiled.writer.copies > 0; }
bool splices_by_workers(Profiled profiled) { return profiled.writer.kernel_workers && profiled.writer.copies == 0; }
bool reads_by_workers(Profiled profiled) { return profiled.reader.kernel_workers && profiled.reader.copies > 0; }
bool drops_by_workers(Profiled profiled) { return profiled.reader.kernel_workers && profiled.reader.copies == 0; }

bool tries_in_vain(Profiled profiled) { return !profiled.spec.takes_turns() && profiled.spec.wait == Wait::busy; }
bool has_one_pipe(Profiled profiled) {
  return !profiled.spec.takes_turns() && profiled.spec.stripe == 1 && profiled.writer.moves_bytes;
}
// As large as a pipe may be where nobody changed the limit, pipe(7).
bool calls_are_small(Profiled profiled) {
  constexpr std::uint64_t largest = std::uint64_t{1} << 20U;
  const CaseSpec& spec = profiled.spec;
  return profiled.writer.moves_bytes && std::min(spec.buffer_bytes, spec.pipe_bytes.value_or(0)) < largest;
}

/// An option that addresses a kind of work, for the cases where it does.
struct Remedy {
  Work work;
  std::optional<Role> role;  ///< of the thread; empty: of either
  bool (*applies)(Profiled);
  std::string_view text;
};

constexpr std::string_view touch = "Without --no-touch pages are there before the clock starts.";
constexpr std::string_view huge_pages = "With --pages thp or 2m one look-up serves many pages.";
constexpr std::string_view transparent_pages = "With --pages thp one look-up serves many pages.";
constexpr std::string_view two_pipes = "With --stripe 2 each end has a pipe to itself most of the time.";
constexpr std::string_view ready_pages = "--writer vmsplice sends pages that are there already.";
constexpr std::string_view kept_pages = "--writer recycle with --reader recycle gets its pages back.";

/// The first that applies is named.
constexpr std::array remedies{
    Remedy{Work::copying, Role::writer, writer_copies, "--writer vmsplice sends the pages themselves."},
    Remedy{Work::user, Role::writer, copies_in_user_space,
           "Much of it is the copy into its ring: --writer vmsplice sends the pages themselves."},
    Remedy{Work::copying, Role::reader, reader_copies_unseen,
           "--reader splice takes pages out of the pipe without reading them."},
    Remedy{Work::page_allocation, Role::writer, writes_to_no_page_first, touch},
    Remedy{Work::page_allocation, Role::reader, reads_into_no_page_first, touch},
    Remedy{Work::page_allocation, {}, writer_fills_new_pages, ready_pages},
    Remedy{Work::page_allocation, {}, drops_pages, kept_pages},
    Remedy{Work::page_lookup, Role::writer, writes_to_no_page_first, touch},
    Remedy{Work::page_lookup, Role::writer, sends_kept_small_pages, huge_pages},
    Remedy{Work::page_lookup, Role::writer, sends_small_pages, transparent_pages},
    Remedy{Work::page_lookup, Role::reader, receives_into_small_pages, transparent_pages},
    Remedy{Work::page_lookup, {}, does_not_circulate, "--writer recycle with --reader recycle looks up no pages."},
    Remedy{Work::page_references,
           {},
           does_not_circulate,
           "--writer recycle with --reader recycle moves pages without counting references."},
    Remedy{Work::pipe_lock, {}, tries_in_vain, "With --wait credit no call is tried in vain."},
    Remedy{Work::pipe_lock, {}, has_one_pipe, two_pipes},
    Remedy{Work::waiting, Role::writer, writes_by_workers, "--writer write makes its calls without kernel workers."},
    Remedy{Work::waiting, Role::writer, splices_by_workers, "--writer splice makes its calls without kernel workers."},
    Remedy{Work::waiting, Role::reader, reads_by_workers, "--reader read makes its calls without kernel workers."},
    Remedy{Work::waiting, Role::reader, drops_by_workers, "--reader splice makes its calls without kernel workers."},
    Remedy{Work::waiting, {}, may_sleep, "With --wait busy or credit the ends do not sleep, and need not be woken."},
    Remedy{Work::waiting, {}, has_one_pipe, two_pipes},
    Remedy{Work::scheduling, {}, may_sleep, "With --wait busy or credit the ends do not sleep."},
    Remedy{Work::system_calls, {}, calls_are_small, "A larger --buffer-size and --pipe-size make each call move more."},
    Remedy{Work::pipe, {}, both_may_have_large_slots, "With --pages skb each slot of the pipe holds 32 KiB."},
    Remedy{Work::pipe,
           {},
           writer_is_in_the_way_of_large_slots,
           "--writer tee with --pages skb puts 32 KiB in each slot, the same ones again and again."},
    Remedy{Work::accounting, {}, writer_fills_new_pages, ready_pages},
    Remedy{Work::accounting, {}, drops_pages, kept_pages},
    Remedy{Work::accounting, {}, may_sleep, "With --wait busy or credit there is no sleep to account for."},
};

}  // namespace

std::string_view remedy_for(Work work, const ProfiledCase& profiled, Role role) {
  if (has_outside(profiled.writer, profiled.reader)) return {};  // most options are about both ends
  if (profiled.writer.transport != Transport::pipe) return {};   // and about pipes
  // A thread that hands each call to a worker is switched away from while it waits for it; so is one whose other end
  // does, as it waits for that worker, too.
  if (work == Work::scheduling && any_workers(profiled)) work = Work::waiting;
  if (work == Work::waiting && any_workers(profiled) && !strategy_at(role, profiled).kernel_workers)
    role = opposite(role);
  for (const Remedy& remedy : remedies) {
    if (remedy.work == work && remedy.role.value_or(role) == role && remedy.applies(profiled)) return remedy.text;
  }
  return {};
}

}  // namespace pipebench
