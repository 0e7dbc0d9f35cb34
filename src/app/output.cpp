#include "app/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <langinfo.h>
#include <linux/magic.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdio>
#include <utility>

#include "app/interrupt.hpp"
#include "app/log.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/printable.hpp"

namespace pipebench {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view output_option = "--output";

// `where` begins the error.
void write_all(int fd, const std::string& text, const std::string& where) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t written = ::write(fd, text.data() + done, text.size() - done);
    const int code = errno;
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if ((code != EINTR && code != EAGAIN) || interrupted_again()) {
      throw SystemError(fmt::format("{}: write({} bytes)", where, text.size()), code);
    } else if (code == EAGAIN) {  // O_NONBLOCK, which another process that shares the file may have set
      pollfd entry{.fd = fd, .events = POLLOUT, .revents = 0};
      (void)::poll(&entry, 1, -1);
    }
  }
}

const Format& format_for(const std::string& path) {
  std::vector<std::string_view> endings;
  for (const Format& format : formats) {
    if (format.ending.empty()) continue;
    if (path.ends_with(format.ending)) return format;
    endings.push_back(format.ending);
  }
  throw UsageError(fmt::format("{}: the ending of '{}' names no format; use one of {}.", output_option, path,
                               fmt::join(endings, ", ")));
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : "."; }

// As fs.protected_symlinks and fs.protected_hardlinks have it (proc(5)), which may be off: where everyone may leave a
// link, one that is neither ours nor the folder's owner's may lead anywhere.
void refuse_planted(const fs::path& path, const struct stat& link, std::string_view option) {
  struct stat folder {};
  if (::stat(folder_of(path).c_str(), &folder) != 0 || (folder.st_mode & S_IWOTH) == 0) return;
  if (link.st_uid == ::geteuid() || link.st_uid == folder.st_uid) return;
  throw UsageError(
      fmt::format("{}: '{}' is another user's link in a world-writable directory; name the "
                  "file itself, or one in another folder.",
                  option, path.string()));
}

// A link there leads to an open file, which need not have a name.
bool is_in_proc(const fs::path& path) {
  struct statfs system {};
  return ::statfs(folder_of(path).c_str(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

// Links followed one by one, also to a file that is yet to be made.
fs::path followed(fs::path path, std::string_view option) {
  constexpr int most = 40;  // path_resolution(7); opening what is left is then ELOOP
  for (int links = 0; links < most; ++links) {
    struct stat entry {};
    const bool exists = ::lstat(path.c_str(), &entry) == 0;
    if (exists && (S_ISLNK(entry.st_mode) || (S_ISREG(entry.st_mode) && entry.st_nlink > 1)))
      refuse_planted(path, entry, option);
    if (!exists || !S_ISLNK(entry.st_mode) || is_in_proc(path)) break;
    std::error_code ignored;
    path = path.parent_path() / fs::read_symlink(path, ignored);
  }
  return path;
}

// The links have been followed; another one can only have been put there since.
UniqueFd open_for_writing(const fs::path& path, int flags) {
  const int no_link = is_in_proc(path) ? 0 : O_NOFOLLOW;
  return UniqueFd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | no_link | flags));
}

// A new file beside `target`; goes when the object goes, unless it is renamed or kept.
class Copy {
 public:
  // Where the folder takes no new file, there is none, and error() says why. Of `mode` the umask is taken away.
  Copy(const fs::path& target, mode_t mode) {
    constexpr std::size_t longest = 200;  // of NAME_MAX
    constexpr int most_left_over = 100;   // by a process of the same number that was killed
    const std::string name = target.filename().string().substr(0, longest);
    for (int i = 0; i < most_left_over && !file_; ++i) {
      path_ = target.parent_path() / fmt::format("{}.{}-{}", name, ::getpid(), i);
      file_.reset(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
      error_ = file_ ? 0 : errno;
      if (error_ != EEXIST) break;
    }
  }
  ~Copy() {
    if (file_ && !kept_) ::unlink(path_.c_str());
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  [[nodiscard]] bool exists() const noexcept { return static_cast<bool>(file_); }
  [[nodiscard]] int error() const noexcept { return error_; }
  [[nodiscard]] int file() const noexcept { return file_.get(); }
  [[nodiscard]] const fs::path& path() const noexcept { return path_; }
  void keep(bool kept) noexcept { kept_ = kept; }

 private:
  fs::path path_;
  UniqueFd file_;
  int error_ = 0;
  bool kept_ = false;
};

void sync(int fd, const std::string& where) {
  if (::fsync(fd) != 0) throw SystemError(fmt::format("{}: fsync()", where), errno);
}

// The access control list of `from`, or none, as it has.
bool take_acl(int to, const fs::path& from) {
  constexpr auto acl = "system.posix_acl_access";  // acl(5)
  const auto is_none = [](int code) { return code == ENODATA || code == ENOTSUP; };
  std::array<char, 65536> value{};  // the largest of an attribute, xattr(7)
  const ssize_t size = ::getxattr(from.c_str(), acl, value.data(), value.size());
  if (size >= 0) return ::fsetxattr(to, acl, value.data(), static_cast<std::size_t>(size), 0) == 0;
  return is_none(errno) && (::fremovexattr(to, acl) == 0 || is_none(errno));  // one inherited from the folder
}

// Makes the copy what `path` is to others. False where that cannot be.
bool make_alike(const Copy& copy, const fs::path& path, const struct stat& old) {
  // The owner first: a change of it takes away bits of the mode. The ACL is part of the mode.
  return old.st_nlink == 1 && ::fchown(copy.file(), old.st_uid, old.st_gid) == 0 && take_acl(copy.file(), path) &&
         ::fchmod(copy.file(), old.st_mode & 07777U) == 0;
}

// Nothing of the old text goes before there is room for all of the new one.
void write_in_place(const fs::path& path, const std::string& text, const std::string& where) {
  const UniqueFd file = open_for_writing(path, 0);
  struct stat old {};
  if (!file || ::fstat(file.get(), &old) != 0) throw SystemError(fmt::format("{}: open()", where), errno);
  const auto size = static_cast<off_t>(text.size());
  if (::fallocate(file.get(), 0, 0, size) != 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) {
    const int code = errno;
    (void)::ftruncate(file.get(), old.st_size);
    throw SystemError(fmt::format("{}: fallocate({} bytes)", where, size), code);
  }
  write_all(file.get(), text, where);
  if (::ftruncate(file.get(), size) != 0) throw SystemError(fmt::format("{}: ftruncate({})", where, size), errno);
  sync(file.get(), where);
}

// False: `path` is there and can only be written in place, which is left to the caller. Throws SystemError.
bool put_in_place_of(const fs::path& path, Copy& copy, const std::string& text, const std::string& where) {
  struct stat old {};
  const bool exists = ::stat(path.c_str(), &old) == 0;
  if (!copy.exists() && !exists)
    throw SystemError(fmt::format("{}: open({})", where, copy.path().string()), copy.error());
  if (!copy.exists()) return false;
  write_all(copy.file(), text, where);
  const bool alike = !exists || make_alike(copy, path, old);
  sync(copy.file(), where);
  const bool done = alike && std::rename(copy.path().c_str(), path.c_str()) == 0;
  copy.keep(done);
  return done;
}

mode_t mode_beside(const fs::path& path) { return fs::exists(path) ? 0600 : 0666; }

void replace(const fs::path& path, const std::string& text, const std::string& where) {
  Copy copy(path, mode_beside(path));
  if (put_in_place_of(path, copy, text, where)) return;
  if (!copy.exists()) return write_in_place(path, text, where);
  copy.keep(true);
  write_in_place(path, text, fmt::format("{} (the results are in '{}' now)", where, copy.path().string()));
  copy.keep(false);
}

// Does the user's locale say so, and can such characters be told from others?
bool is_utf8() {
  const locale_t locale = ::newlocale(LC_CTYPE_MASK, "", static_cast<locale_t>(nullptr));
  if (locale == nullptr) return false;
  const bool named = std::string_view(::nl_langinfo_l(CODESET, locale)) == "UTF-8";
  ::freelocale(locale);
  return named && escaped("█") == "█";
}

}  // namespace

void print(const std::string& text) { write_all(STDOUT_FILENO, text, "stdout"); }

UniqueFd take_stdout() {
  UniqueFd data(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!data || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
    throw UsageError(
        "With --reader stdout the data go to stdout and the results to stderr (and to each --output), which is "
        "closed.");
  }
  return data;
}

void check_stdout() {
  const int flags = ::fcntl(STDOUT_FILENO, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
    throw UsageError(
        "The results go to stdout (and to each --output), and it is closed or open for reading only; send it to a "
        "file, or to /dev/null.");
  }
  pollfd entry{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  if (::poll(&entry, 1, 0) == 1 && (entry.revents & POLLERR) != 0)
    throw UsageError("The results go to stdout, which is a pipe whose reader is gone.");
}

OutputFile::OutputFile(const std::string& path) : OutputFile(path, format_for(path).render, output_option) {
  can_be_read_ = format_for(path).can_be_read;
}

OutputFile::OutputFile(const std::string& path, Render render, std::string_view option)
    : given_(path), render_(render), path_(followed(path, option)) {
  struct stat status {};
  const bool exists = ::stat(path_.c_str(), &status) == 0;
  bool writable = false;
  if (!exists) {
    writable = errno == ENOENT && Copy(path_, 0600).exists();
  } else {
    // A FIFO without a reader is an error (ENXIO) instead of a wait without end.
    UniqueFd file = open_for_writing(path_, O_NONBLOCK);
    writable = static_cast<bool>(file);
    if (!S_ISREG(status.st_mode)) stream_ = std::move(file);
  }
  if (!writable)
    throw UsageError(fmt::format("{}: '{}' cannot be written: {}.", option, given_, describe_errno(errno)));
}

bool OutputFile::is_same_as(const OutputFile& other) const {
  if (stream_ || other.stream_) return false;
  std::error_code ignored;  // neither may be there yet
  return fs::equivalent(path_, other.path_, ignored) ||
         fs::weakly_canonical(path_, ignored) == fs::weakly_canonical(other.path_, ignored);
}

bool OutputFile::is_stdout() const {
  struct stat file {};
  struct stat out {};
  return !stream_ && ::stat(path_.c_str(), &file) == 0 && ::fstat(STDOUT_FILENO, &out) == 0 &&
         file.st_dev == out.st_dev && file.st_ino == out.st_ino;
}

void OutputFile::write(const Document& document, const View& view) const { write(render_(document, view)); }

void OutputFile::save(const Document& document) const {
  const std::string where = fmt::format("'{}' was not saved", given_);
  Copy copy(path_, mode_beside(path_));
  (void)put_in_place_of(path_, copy, render_(document, {}),
                        where);  // not in place: a file that breaks off helps nobody
}

void OutputFile::write(const std::string& text) const {
  const std::string where = fmt::format("'{}' was not written", given_);
  if (stream_) {
    write_all(stream_.get(), text, where);
  } else {
    replace(path_, text, where);
  }
}

const Format& format_named(const std::string& name) { return *std::ranges::find(formats, name, &Format::name); }

View stdout_view(const RunSettings& settings) {
  winsize size{};
  const bool known =
      ::isatty(STDOUT_FILENO) == 1 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40;
  return {.width = known ? size.ws_col : 80U,
          .color = colors_on(STDOUT_FILENO, settings.color),
          .bars = !known      ? Bars::none
                  : is_utf8() ? Bars::blocks
                              : Bars::ascii,
          .arrangement = settings.arrangement,
          .call_trees = settings.call_trees,
          .calls = settings.verbose};
}

void print_listing(const Listing& listing, const Invocation& invocation) {
  const RunSettings settings = settings_of(invocation.options);
  print(format_named(settings.format).render_listing(listing, stdout_view(settings)));
}

Outputs::Outputs(const RunSettings& settings) : settings_(settings) {
  for (const std::string& path : settings.outputs) {
    if (std::ranges::count(settings.outputs, path) > 1)
      throw UsageError(fmt::format("{}: '{}' is given twice.", output_option, path));
    OutputFile file(path);
    refuse_same(file, output_option);
    files_.push_back(std::move(file));
  }
  if (settings.folded.empty()) return;
  folded_.emplace(settings.folded, profiles_as_folded, "--folded");
  refuse_same(*folded_, "--folded");
}

void Outputs::refuse_same(const OutputFile& file, std::string_view option) const {
  for (const OutputFile& other : files_) {
    if (file.is_same_as(other))
      throw UsageError(fmt::format("{} '{}' and {} '{}' are the same file, which can hold only one of them.", option,
                                   file.name(), output_option, other.name()));
  }
  if (file.is_stdout())
    throw UsageError(
        fmt::format("{} '{}' is where stdout goes, too, and only one of them would be left.", option, file.name()));
}

bool Outputs::can_save() const { return std::ranges::any_of(files_, &OutputFile::can_be_saved); }

void Outputs::save(const Document& document) const {
  for (const OutputFile& file : files_) {
    if (file.can_be_saved()) file.save(document);
  }
}

// Results that cannot be written to one place must still reach the others.
bool Outputs::deliver(const Document& document) {
  bool delivered = true;
  const View view{.arrangement = settings_.arrangement, .call_trees = settings_.call_trees, .calls = settings_.verbose};
  const auto write = [&](const OutputFile& file) {
    try {
      file.write(document, view);
    } catch (const SystemError& error) {
      spdlog::error("{}.", error.what());
      delivered = false;
    }
  };
  for (const OutputFile& file : files_) write(file);
  if (folded_ && !document.plan.is_dry_run()) write(*folded_);
  print(format_named(settings_.format).render(document, stdout_view(settings_)));
  return delivered;
}

}  // namespace pipebench
