#include <fcntl.h>

#include <algorithm>

#include "pipebench/model/reuse.hpp"
#include "pipebench/strategies/loops.hpp"

namespace pipebench {

namespace {

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

  // The next phase begins with the first buffer, whose pages must then be the next to come back.
  if (setup.info.reuse == Reuse::on_return) policy.rotation = spec.total_buffers() * spec.buffer_bytes;
  const StrategyInfo none{};
  policy.window =
      rule_of_reuse(setup.info, setup.reader == nullptr ? none : *setup.reader, spec, setup.purpose, setup.page_sizes)
          .window.value_or(no_limit);
  policy.credit = spec.wait == Wait::credit;
  if (policy.credit)
    policy.capacity = std::max(spec.buffer_bytes, spec.stripe * spec.pipe_payload_bytes(setup.page_sizes));
  return policy;
}

ReaderPolicy reader_policy(const EndSetup& setup) {
  ReaderPolicy policy;
  if (setup.spec.consume == Consume::checksum) policy.look = Look::checksum;
  if (setup.purpose == Purpose::verify) policy.look = Look::verify;
  policy.credit = setup.spec.wait == Wait::credit;
  policy.announced = policy.credit && !setup.info.moves_bytes;
  policy.input = setup.input;
  return policy;
}

unsigned splice_flags(const CaseSpec& spec, unsigned gift_flag) {
  return (spec.wait == Wait::block ? 0U : SPLICE_F_NONBLOCK) | (spec.gift ? gift_flag : 0U);
}

BufferRequest writer_buffers(const EndSetup& setup) {
  return cancellable(writer_buffers(setup.info, setup.spec), setup);
}

BufferRequest reader_buffer(const EndSetup& setup) { return cancellable(reader_buffer(setup.info, setup.spec), setup); }

BufferRequest further_buffer(const EndSetup& setup) {
  return cancellable(further_buffer(setup.info, setup.spec, setup.purpose, setup.page_sizes), setup);
}

}  // namespace pipebench
