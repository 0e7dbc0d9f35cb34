// What an end does when its transfer did not happen.
#pragma once

#include "pipebench/model/case.hpp"
#include "pipebench/strategies/end.hpp"

namespace pipebench {

/// Looks at errno after a transfer on `fd` that returned -1, and waits for `events` (POLLIN, POLLOUT) as `wait` says.
/// True: try again. False: the phase is over, because it was aborted or because of an error that is now in `tally`.
[[nodiscard]] bool wait_and_retry(Wait wait, int fd, short events, const Link& link, Tally& tally) noexcept;

/// The end of a phase by a transfer that returned `result` <= 0: 0 is an end of file. As wait_and_retry.
[[nodiscard]] bool recover(long result, Wait wait, int fd, short events, const Link& link, Tally& tally) noexcept;

}  // namespace pipebench
