// splice(2) from the pipe into a memfd: the kernel copies into the page cache.
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

class SpliceToFile {
 public:
  explicit SpliceToFile(const EndSetup& setup)
      : file_(further_buffer(setup)), flags_(splice_flags(setup.spec, SPLICE_F_MOVE)) {}
  // Always into the same part of the file, just as the other readers reuse their buffer.
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    off_t offset = 0;
    return ::splice(pipe.fd, nullptr, file_.file(), &offset, limit, flags_);
  }
  [[nodiscard]] const std::byte* seen(std::uint64_t /*offset*/) const noexcept { return file_.start(0); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return file_; }

 private:
  BufferSet file_;
  unsigned flags_;
};

// The file has ordinary pages: hugetlb files cannot be spliced into.
BufferRequest file_of(const CaseSpec& spec, Purpose /*purpose*/, const PageSizes& /*sizes*/) {
  return {
      .bytes = spec.buffer_bytes, .count = 1, .backing = Backing::memfd, .touch = !spec.no_touch, .lock = spec.lock};
}

}  // namespace

extern const StrategyDescriptor reader_splice_file = {
    .info = {.name = "splice-file",
             .summary = "splice(2) into a memfd, which copies into the page cache",
             .role = Role::reader,
             .copies = 1,
             .touches = true,
             .takes_skb = true,
             .uses = {.gift = true, .no_touch = true, .lock = true},
             .further = file_of,
             .system_call = "splice",
             .recipe = {.transfer = "splice(in, NULL, file, &(loff_t){0}, SIZE, FLAGS)", .in_file = true}},
    .make = make_end<Role::reader, SpliceToFile>,
};

}  // namespace pipebench
