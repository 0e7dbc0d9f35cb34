// What all child processes have in common.
#pragma once

#include <sys/types.h>

#include <string>

namespace pipebench {

/// fork(2): the child's number, and 0 in the child. The calling thread should be the only one of its process, because
/// nothing in the child releases locks of others. How the child ends can be waited for, also where SIGCHLD was
/// inherited as ignored. Throws SystemError, in which the limits are named.
[[nodiscard]] pid_t fork_child();

/// In a child: it is killed when the thread of `parent` that forked it ends. False: that was so already.
[[nodiscard]] bool die_with(pid_t parent) noexcept;

/// "was ended by signal 11 (Segmentation fault)".
[[nodiscard]] std::string describe_signal(int number);

}  // namespace pipebench
