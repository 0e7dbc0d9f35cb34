#include <fcntl.h>

#include <algorithm>

#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/registry.hpp"

namespace pipebench {

namespace {

// With credit: must the writer look at the reader's count before it uses a buffer again? It costs a cache miss, and is
// not needed where the bytes were copied, or where the pipes alone keep the writer off a buffer for long enough.
bool must_ask(const EndSetup& setup) {
  if (!setup.info.moves_bytes) return true;
  if (setup.info.reuse == Reuse::at_once || setup.info.reuse == Reuse::new_pages) return false;
  const Release release = find_strategy(Role::reader, setup.spec.reader)->info.release;
  const std::uint64_t held = release == Release::passed_on ? setup.spec.buffer_bytes : 0;
  return setup.info.reuse != Reuse::after_pipe || !setup.spec.pipes_hold_back(held);
}

BufferRequest cancellable(BufferRequest request, const EndSetup& setup) {
  request.cancelled = setup.cancelled;
  return request;
}

}  // namespace

WriterPolicy writer_policy(const EndSetup& setup) {
  const CaseSpec& spec = setup.spec;
  WriterPolicy policy;
  if (spec.payload == Payload::fresh) policy.fill = Fill::fresh;
  if (spec.payload == Payload::stamped) policy.fill = Fill::page_numbers;
  policy.publishes_intent = setup.purpose == Purpose::verify;
  if (policy.publishes_intent) policy.fill = Fill::numbered;

  const std::uint64_t all_buffers = spec.total_buffers() * spec.buffer_bytes;
  // The next phase begins with the first buffer, whose pages must then be the next to come back.
  if (setup.info.reuse == Reuse::on_return) policy.rotation = all_buffers;
  // A page that circulates may be rewritten only when it has come back, and the writer fills it before it splices. The
  // reader's counter says that it has.
  if (setup.info.reuse == Reuse::on_return && policy.fill != Fill::nothing) policy.window = all_buffers;
  if (spec.wait == Wait::credit) {
    policy.credit = true;
    if (must_ask(setup)) policy.window = all_buffers;
    policy.capacity = std::max(spec.buffer_bytes, spec.stripe * spec.pipe_payload_bytes(setup.page_sizes));
  }
  return policy;
}

ReaderPolicy reader_policy(const EndSetup& setup) {
  ReaderPolicy policy;
  if (setup.spec.consume == Consume::checksum) policy.look = Look::checksum;
  if (setup.purpose == Purpose::verify) policy.look = Look::verify;
  policy.credit = setup.spec.wait == Wait::credit;
  policy.announced = policy.credit && !setup.info.moves_bytes;
  return policy;
}

unsigned splice_flags(const CaseSpec& spec, unsigned gift_flag) {
  return (spec.wait == Wait::block ? 0U : SPLICE_F_NONBLOCK) | (spec.gift ? gift_flag : 0U);
}

BufferRequest writer_buffers(const EndSetup& setup) {
  return cancellable(writer_buffers(setup.info, setup.spec), setup);
}

BufferRequest reader_buffer(const EndSetup& setup) { return cancellable(reader_buffer(setup.spec), setup); }

BufferRequest further_buffer(const EndSetup& setup) {
  return cancellable(further_buffer(setup.info, setup.spec, setup.purpose, setup.page_sizes), setup);
}

}  // namespace pipebench
