#include "app/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "app/interrupt.hpp"
#include "pipebench/base/error.hpp"

namespace pipebench {
namespace {

void write_all(int fd, const std::string& text, const std::string& where) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t written = ::write(fd, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR && !interrupted_again()) continue;
    if (written < 0) throw SystemError(fmt::format("{}: write({} bytes)", where, text.size()), errno);
    done += static_cast<std::size_t>(written);
  }
}

const Format& format_for(const std::string& path) {
  std::string endings;
  for (const Format& format : formats) {
    if (format.ending.empty()) continue;
    if (path.ends_with(format.ending)) return format;
    endings += (endings.empty() ? "" : ", ") + std::string(format.ending);
  }
  throw UsageError(fmt::format("--output: the ending of '{}' names no format; use one of {}.", path, endings));
}

// What open() gives a new file: rw for all, less the umask, which can only be read by setting it.
mode_t default_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return static_cast<mode_t>(0666) & ~mask;
}

}  // namespace

void print(const std::string& text) { write_all(STDOUT_FILENO, text, "stdout"); }

void check_stdout() {
  const int flags = ::fcntl(STDOUT_FILENO, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
    throw UsageError(
        "The results go to stdout (and to each --output), and it is closed or open for reading only; send it to a "
        "file, "
        "or to /dev/null.");
  }
  pollfd entry{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  if (::poll(&entry, 1, 0) == 1 && (entry.revents & POLLERR) != 0)
    throw UsageError("The results go to stdout, which is a pipe that nobody reads any more.");
}

OutputFile::OutputFile(const std::string& path) : path_(path), format_(&format_for(path)) {
  struct stat status {};
  const bool exists = ::stat(path_.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    // A FIFO that nobody reads is an error (ENXIO) instead of a wait without end.
    file_.reset(::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK));
    if (file_) ::fcntl(file_.get(), F_SETFL, 0);
  } else if (exists && ::access(path_.c_str(), W_OK) != 0) {
    throw UsageError(fmt::format("--output: '{}' cannot be written: {}.", path_, describe_errno(errno)));
  } else {
    open_beside();
  }
  if (!file_) throw UsageError(fmt::format("--output: '{}' cannot be written: {}.", path_, describe_errno(errno)));
}

void OutputFile::open_beside() {
  // A link keeps pointing at the file that is replaced.
  if (char* real = ::realpath(path_.c_str(), nullptr); real != nullptr) {
    path_ = real;
    std::free(real);
  }
  temporary_ = path_ + ".XXXXXX";
  file_.reset(::mkostemp(temporary_.data(), O_CLOEXEC));
  if (!file_) temporary_.clear();
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)),
      format_(other.format_) {}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(const Document& document) {
  write_all(file_.get(), format_->render(document, {}), path_);
  if (temporary_.empty()) return;
  ::fchmod(file_.get(), default_mode());
  if (::fsync(file_.get()) < 0) throw SystemError(fmt::format("fsync({})", path_), errno);
  if (std::rename(temporary_.c_str(), path_.c_str()) < 0)
    throw SystemError(fmt::format("rename({}, {})", temporary_, path_), errno);
  temporary_.clear();
}

}  // namespace pipebench
