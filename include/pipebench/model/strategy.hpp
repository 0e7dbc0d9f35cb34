// The properties of a strategy: the part of its descriptor that plan and reports read. Plain data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/base/named.hpp"
#include "pipebench/model/buffers.hpp"
#include "pipebench/model/recipe.hpp"

namespace pipebench {

enum class Role : std::uint8_t { writer, reader };
template <>
inline constexpr std::array<Named<Role>, 2> names<Role>{{{Role::writer, "writer"}, {Role::reader, "reader"}}};

/// When a writer may touch a buffer again after sending it.
enum class Reuse : std::uint8_t {
  at_once,     ///< the bytes were copied
  after_pipe,  ///< the pages are in the pipe by reference; they left it when later bytes filled it
  own_ring,    ///< copied into the strategy's own ring, whose pages follow the rule above by construction
  new_pages,   ///< the next page at the same address is another one
  on_return,   ///< the page itself comes back, and holding it is the permission
};

/// What becomes of the pages when a reader takes bytes out of a pipe.
enum class Release : std::uint8_t {
  copied,     ///< copied to the reader, then released
  discarded,  ///< released unseen
  passed_on,  ///< they live on in another pipe or socket
};

/// What a stream runs for.
enum class Purpose : std::uint8_t { measure, verify };

/// The options that make a difference to a strategy, of those that do not to all. A case in which one makes none to
/// either end is recorded without it.
struct OptionsUsed {
  bool gift = false;        ///< it passes SPLICE_F_GIFT or SPLICE_F_MOVE
  bool contiguous = false;  ///< its buffers can lie in one mapping or in several
  bool no_touch = false;    ///< it has memory that may be left untouched
  bool lock = false;        ///< it has memory that can be locked
  bool buffers = false;     ///< writers: it goes round several
  bool exec = false;        ///< it may be a program that is started for it
  bool uring = false;       ///< it sends requests to io_uring: several at once, in the ways that there are
};

struct StrategyInfo {
  std::string_view name;
  std::string_view summary;  ///< one line, no full stop
  Role role = Role::writer;
  int copies = 0;                        ///< copies per byte on this side
  int copies_to_consume = 0;             ///< readers: how many more when the bytes are looked at
  bool touches = false;                  ///< this side's CPU loads or stores every byte, whatever the payload
  bool replay = false;                   ///< writers: sends the same pages again; they cannot be rewritten safely
  Reuse reuse = Reuse::at_once;          ///< writers
  Release release = Release::copied;     ///< readers
  bool receives = false;                 ///< readers: into memory of the case's page kind
  bool sees_bytes = true;                ///< readers: user space can look at what arrived
  Backing backing = Backing::anonymous;  ///< writers
  bool whole_pages = false;              ///< moves pages: sizes must be multiples of the page size
  bool takes_skb = false;                ///< works with pages that user space cannot map
  bool gives_pages = false;              ///< writers: `gift` gives the pages themselves away, which kernels may refuse
  OptionsUsed uses = {};
  bool kernel_workers = false;            ///< threads of the kernel (io-wq) may do its transfers; their CPU time counts
  bool moves_bytes = true;                ///< false: `null`, which only pairs with `null`
  Transport transport = Transport::pipe;  ///< one that is no pipe needs a strategy of its own at either end
  bool outside = false;  ///< another program has this end; the pipe is standard input or standard output
  /// What it allocates besides a writer's buffers or the one that a reader receives into; nullptr: nothing.
  BufferRequest (*further)(const CaseSpec& spec, Purpose purpose, const PageSizes& sizes) = nullptr;
  /// Writers with Reuse::own_ring: is a place in the ring free when its turn comes, although the reader passes pages
  /// on? `counted`: the writer waits for the reader's count before it goes round all its buffers again.
  bool (*ring_is_long_enough)(const CaseSpec& spec, bool counted, const PageSizes& sizes) = nullptr;
  /// Writers that keep pages in a pipe: the capacity in bytes that it must have; nullptr: they keep none.
  std::uint64_t (*kept_pipe_bytes)(const CaseSpec& spec, const PageSizes& sizes) = nullptr;
  std::string_view partner = {};      ///< pairs only with the strategy of this name on the other side
  std::string_view system_call = {};  ///< named in errors
  Recipe recipe = {};                 ///< in C, where a few lines are enough
  std::string unavailable = {};       ///< filled by probing: why it cannot run here, empty when it can
  /// Likewise: the system call that failed, and errno; the same for all that it keeps from running. May be empty.
  std::string unavailable_cause = {};
  /// Likewise: the capacity of the pipe that `outside` means; empty: it is not one, or not probed.
  std::optional<std::uint64_t> found_pipe_bytes = {};
  /// Likewise, of those that use `uring`: why this kernel does not do it, a sentence; empty when it does.
  std::string no_depth = {};  ///< with Wait::block
  std::string no_sqpoll = {};
  std::string no_registered = {};
};

/// How many buffers the end keeps under way.
[[nodiscard]] inline std::uint64_t depth_of(const StrategyInfo& info, const CaseSpec& spec) {
  return info.uses.uring ? spec.depth : 1;
}
/// Bytes that it is given for one step: all the buffers that it keeps under way, which lie one behind the other.
[[nodiscard]] inline std::uint64_t step_bytes(const StrategyInfo& info, const CaseSpec& spec) {
  return depth_of(info, spec) * spec.buffer_bytes;
}

/// Does another program take part?
[[nodiscard]] inline bool has_outside(const StrategyInfo& writer, const StrategyInfo& reader) {
  return writer.outside || reader.outside;
}

/// Everything the registry offers, probed.
struct Catalog {
  std::vector<StrategyInfo> writers;
  std::vector<StrategyInfo> readers;
  std::string no_gift = {};  ///< why vmsplice() takes no gifts here, a sentence; empty when it does
};

}  // namespace pipebench
