// FizzBuzz, as fast as one thread can send it into a pipe. All bytes are new, and none is copied.
//
//  - As long as numbers keep their length, 15 lines always have the same length and layout (8 numbers, 7 words). So the
//    text of later lines is that of earlier ones, in place, with some digits changed.
//  - A ring holds blocks of 10,000 lines. All numbers of a block have the same digits but for the last four, so all of
//    them change by the same bytes when the block is rewritten for the lines one ring further. These bytes are put
//    together once per block, as a pattern with the period of 15 lines, and added to the text, 32 at a time with AVX2.
//  - Each block goes into the pipe by vmsplice(2): the pipe refers to the pages, and no byte is copied.
//  - So a block may be rewritten only when it has left the pipe: after it, as many bytes have been sent as the pipe can
//    hold. A slot holds a page at most, so that is F_GETPIPE_SZ, and the ring is longer by one block. It is asked anew
//    for each block, since a reader can enlarge the pipe: then the program goes on in a new ring.
//  - This assumes that what leaves the pipe is copied or dropped: by read(2), or splice(2) to a file or to /dev/null. A
//    reader that splices it on into a pipe or a socket, or uses tee(2), sees the pages change later: it needs --copy.
//
// Compile with -O3. Usage: fizzbuzz [--plain | --copy] [--from N] [COUNT]
//   COUNT     lines; without it, for ever
//   --from N  begins with N instead of 1
//   --copy    sends by write(2), as to files and terminals, which copies
//   --plain   writes line by line, to compare with
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Byte = std::uint8_t;

constexpr std::uint64_t most = 10'000'000'000'000'000'000U;  // the first number of 20 digits, and the end of all lines
constexpr std::uint64_t block_lines = 10'000;
constexpr std::size_t cycle_lines = 15;
constexpr std::size_t most_cycle_bytes = 8 * 19 + 47;  // 8 numbers, 7 words, and the ends of the lines
constexpr std::size_t vector_bytes = 32;
constexpr std::size_t huge_page = 2U << 20U;
constexpr int wanted_pipe_bytes = 1 << 20;  // what a pipe gets without privileges, if pipe-max-size is as usual
constexpr int usual_pipe_pages = 16;

[[noreturn]] void fail(const std::string& sentence) {
  std::fprintf(stderr, "fizzbuzz: %s\n", sentence.c_str());
  std::exit(1);
}

// --- Text

char* append(char* out, std::string_view text) { return std::copy(text.begin(), text.end(), out); }

char* append(char* out, std::uint64_t number) { return std::to_chars(out, out + 20, number).ptr; }

bool is_word(std::uint64_t number) { return number % 3 == 0 || number % 5 == 0; }

char* append_line(char* out, std::uint64_t number) {
  if (number % 3 == 0) out = append(out, "Fizz");
  if (number % 5 == 0) out = append(out, "Buzz");
  if (!is_word(number)) out = append(out, number);
  *out++ = '\n';
  return out;
}

char* append_lines(char* out, std::uint64_t first, std::uint64_t end) {
  for (; first != end; ++first) out = append_line(out, first);
  return out;
}

// --- Output

// Standard output: a pipe that takes pages, or whatever else takes bytes.
class Output {
 public:
  explicit Output(bool may_refer) {
    const int bytes = ::fcntl(STDOUT_FILENO, F_GETPIPE_SZ);
    refers_ = may_refer && bytes > 0 && ::vmsplice(STDOUT_FILENO, nullptr, 0, 0) == 0;  // containers may refuse it
    // A pipe of another size than usual has the one that somebody chose for it. If more is not granted, this will do.
    if (refers_ && bytes == usual_pipe_pages * ::sysconf(_SC_PAGESIZE)) {
      ::fcntl(STDOUT_FILENO, F_SETPIPE_SZ, wanted_pipe_bytes);
    }
  }

  // Once so many more bytes have been sent, a text has left the pipe; 0 if texts are copied.
  std::size_t capacity() const { return refers_ ? static_cast<std::size_t>(::fcntl(STDOUT_FILENO, F_GETPIPE_SZ)) : 0; }

  void copy(const char* text, const char* end) {
    send(text, end, [](iovec rest) { return ::write(STDOUT_FILENO, rest.iov_base, rest.iov_len); });
  }

  // The text must not change until `capacity()` bytes have followed.
  void refer(const char* text, const char* end) {
    if (!refers_) return copy(text, end);
    send(text, end, [](iovec rest) { return ::vmsplice(STDOUT_FILENO, &rest, 1, 0); });
  }

 private:
  template <class Call>
  static void send(const char* text, const char* end, Call call) {
    while (text != end) {
      const ssize_t sent = call({const_cast<char*>(text), static_cast<std::size_t>(end - text)});
      if (sent >= 0) {
        text += sent;
      } else if (errno == EAGAIN) {
        pollfd ready{STDOUT_FILENO, POLLOUT, 0};
        ::poll(&ready, 1, -1);
      } else if (errno == EPIPE) {
        std::exit(0);  // the reader has had enough; where SIGPIPE is not ignored, that came first
      } else if (errno != EINTR) {
        fail(std::string("cannot write to standard output: ") + std::strerror(errno));
      }
    }
  }

  bool refers_ = false;
};

void send_plainly(Output& output, std::uint64_t first, std::uint64_t end) {
  constexpr std::uint64_t lines = 4096;
  static std::array<char, lines * 21> text;
  while (first != end) {
    const std::uint64_t next = first + std::min(lines, end - first);
    output.copy(text.data(), append_lines(text.data(), first, next));
    first = next;
  }
}

// --- Adding

// Left to the compiler, which makes vectors of it (g++ from -O3 on, clang++ from -O2 on).
[[gnu::always_inline]] inline void add(Byte* __restrict text, const Byte* __restrict changes, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<Byte>(text[i] + changes[i]);
}

void add_anywhere(Byte* text, const Byte* changes, std::size_t bytes) { add(text, changes, bytes); }

#ifdef __x86_64__
[[gnu::target("avx2")]] void add_avx2(Byte* text, const Byte* changes, std::size_t bytes) { add(text, changes, bytes); }
const auto add_here = __builtin_cpu_supports("avx2") != 0 ? add_avx2 : add_anywhere;
#else
const auto add_here = add_anywhere;
#endif

// --- The ring

// Huge pages, of which the kernel looks up many at once. Always new ones, which is why this is not malloc: pages that
// were given back may still be in the pipe.
class Memory {
 public:
  explicit Memory(std::size_t bytes) : bytes_(bytes + huge_page) {
    mapped_ = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped_ == MAP_FAILED) fail("no memory for " + std::to_string(bytes_) + " bytes of text");
    ::madvise(mapped_, bytes_, MADV_HUGEPAGE);  // without it, it is slower
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { ::munmap(mapped_, bytes_); }

  Byte* begin() const {
    auto* const bytes = static_cast<Byte*>(mapped_);
    return bytes + (huge_page - reinterpret_cast<std::uintptr_t>(bytes) % huge_page);
  }

 private:
  std::size_t bytes_;
  void* mapped_ = nullptr;
};

// Where the lines are, if the numbers have as many digits as `first`, with which they begin.
class Layout {
 public:
  explicit Layout(std::uint64_t first) {
    char line[32];
    for (std::size_t i = 0; i < cycle_lines; ++i) {
      is_number_[i] = !is_word(first + i);
      starts_[i + 1] = starts_[i] + static_cast<std::size_t>(append_line(line, first + i) - line);
    }
  }

  std::size_t cycle_bytes() const { return starts_[cycle_lines]; }

  std::size_t offset(std::uint64_t line) const {
    return line / cycle_lines * cycle_bytes() + starts_[line % cycle_lines];
  }

  // Puts into `cycle` what its numbers change by when their leading digits go from `before` to `after`. Words stay 0.
  void put_changes(Byte* cycle, std::uint64_t before, std::uint64_t after) const {
    char digits[2][20];
    const std::size_t count = static_cast<std::size_t>(append(digits[0], before) - digits[0]);
    append(digits[1], after);
    for (std::size_t line = 0; line < cycle_lines; ++line) {
      if (!is_number_[line]) continue;
      for (std::size_t i = 0; i < count; ++i) cycle[starts_[line] + i] = static_cast<Byte>(digits[1][i] - digits[0][i]);
    }
  }

 private:
  std::array<bool, cycle_lines> is_number_{};
  std::array<std::size_t, cycle_lines + 1> starts_{};
};

// Blocks of lines, rewritten in turn.
class Ring {
 public:
  // For numbers with as many digits as `first`, and a pipe that holds `capacity` bytes.
  Ring(std::uint64_t first, std::size_t capacity)
      : layout_(first), blocks_(enough_blocks(capacity)), memory_(layout_.offset(blocks_ * block_lines)) {}

  // Whether a block may be rewritten once all others have been sent.
  bool outlasts(std::size_t capacity) const { return blocks_ >= enough_blocks(capacity); }

  // The next block, of the lines from `number` on.
  std::string_view next(std::uint64_t number) {
    const std::uint64_t block = count_ % blocks_;
    const std::size_t begin = layout_.offset(block * block_lines);
    const std::size_t end = layout_.offset((block + 1) * block_lines);
    Byte* const ring = memory_.begin();
    char* const text = reinterpret_cast<char*>(ring);
    if (count_ < blocks_) {
      append_lines(text + begin, number, number + block_lines);
    } else {
      go_on(ring, begin, end, number / block_lines);
    }
    ++count_;
    return {text + begin, end - begin};
  }

 private:
  // A multiple of three, since only after three blocks words fall on the same lines again.
  std::uint64_t enough_blocks(std::size_t capacity) const {
    const std::size_t three = layout_.offset(3 * block_lines);
    const std::size_t one = three / 3 + layout_.cycle_bytes();  // at most
    return 3 * ((capacity + one + three - 1) / three);
  }

  void go_on(Byte* ring, std::size_t begin, std::size_t end, std::uint64_t leading_digits) {
    const std::size_t cycle = layout_.cycle_bytes();
    layout_.put_changes(changes_.data(), leading_digits - blocks_, leading_digits);
    for (std::size_t i = 1; i < vector_bytes; ++i) std::memcpy(changes_.data() + i * cycle, changes_.data(), cycle);
    const std::size_t period = vector_bytes * cycle;
    while (begin != end) {
      const std::size_t from = begin % period;
      const std::size_t bytes = std::min(end - begin, period - from);
      add_here(ring + begin, changes_.data() + from, bytes);
      begin += bytes;
    }
  }

  Layout layout_;
  std::uint64_t blocks_;
  std::uint64_t count_ = 0;  // blocks made so far
  // What to add to the ring; so many cycles that it begins again at a multiple of the vector's size.
  alignas(vector_bytes) std::array<Byte, vector_bytes * most_cycle_bytes> changes_{};
  Memory memory_;
};

// Sends blocks of lines from `first` on, until the numbers have more digits or too few lines are left before `end`.
// Returns the first line that was not sent.
std::uint64_t send_blocks(Output& output, std::uint64_t first, std::uint64_t end) {
  std::uint64_t limit = block_lines;
  while (limit <= first) limit *= 10;
  limit = std::min(limit, end);
  Ring ring(first, output.capacity());
  while (limit - first >= block_lines && ring.outlasts(output.capacity())) {
    const std::string_view block = ring.next(first);
    output.refer(block.data(), block.data() + block.size());
    first += block_lines;
  }
  return first;
}

void send_fast(Output& output, std::uint64_t first, std::uint64_t end) {
  while (first != end) {
    if (first % block_lines == 0 && end - first >= block_lines) {
      first = send_blocks(output, first, end);
    } else {
      const std::uint64_t next = first + std::min(block_lines - first % block_lines, end - first);
      send_plainly(output, first, next);
      first = next;
    }
  }
}

// --- Command line

struct Options {
  bool plain = false;
  bool copy = false;
  std::uint64_t first = 1;
  std::uint64_t end = most;
};

std::uint64_t number(std::string_view text, std::uint64_t least, const std::string& what) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value >= most) {
    fail(what + " is a number from " + std::to_string(least) + " to " + std::to_string(most - 1) + ", not '" +
         std::string(text) + "'");
  }
  return value;
}

Options parse(const std::vector<std::string_view>& arguments) {
  Options options;
  std::uint64_t count = most;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--plain") {
      options.plain = true;
    } else if (arguments[i] == "--copy") {
      options.copy = true;
    } else if (arguments[i] == "--from" && i + 1 < arguments.size()) {
      options.first = number(arguments[++i], 1, "--from");
    } else if (count == most && !arguments[i].starts_with('-')) {
      count = number(arguments[i], 0, "COUNT");
    } else {
      fail("usage: fizzbuzz [--plain | --copy] [--from N] [COUNT]");
    }
  }
  options.end = options.first + std::min(count, most - options.first);
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse({argv + 1, argv + argc});
  Output output(!options.plain && !options.copy);
  (options.plain ? send_plainly : send_fast)(output, options.first, options.end);
}
