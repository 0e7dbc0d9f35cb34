// Streams fresh data from one process to another through a pipe, without copying and without allocating: the pages
// circulate.
//
//   producer: writes into pages that came back --splice--> data pipe --splice--> return pipe --splice--> ...
//   consumer: reads the pages in place, in memory that both processes map
//
// What makes it safe:
//  - The memory is MAP_SHARED. Private memory would break: the first write after fork() gives the process another page
//    (copy on write), and the pipe would go on carrying the old one.
//  - Pages come back in the order in which they were sent, so both sides know by counting bytes which page is which.
//  - The producer rewrites a page only after the consumer has counted it as consumed, which it does after reading it.
//    That the page is in the return pipe is not enough: the consumer puts it there before it reads it.
//  - Each pipe can hold all pages, so the two sides cannot deadlock.
//
// Prints the checksums of both ends. Exit status 0: they agree. Usage: recycle_stream [MEBIBYTES]
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t batch_bytes = 128 * 1024;  // what is sent at once: whole pages
constexpr std::size_t batches = 4;
constexpr std::size_t ring_bytes = batches * batch_bytes;
constexpr std::size_t batch_words = batch_bytes / sizeof(std::uint64_t);

struct Shared {
  alignas(128) std::atomic<std::uint64_t> consumed{0};  // bytes; written by the consumer alone
  std::uint64_t consumer_sum = 0;                       // read after the consumer has ended
  alignas(4096) std::uint64_t ring[ring_bytes / sizeof(std::uint64_t)];
};

struct Pipe {
  int out = -1;
  int in = -1;
};

void check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

Pipe make_pipe() {
  int fds[2];
  check(::pipe2(fds, O_CLOEXEC) == 0, "pipe2");
  check(::fcntl(fds[1], F_SETPIPE_SZ, ring_bytes) >= static_cast<int>(ring_bytes), "fcntl(F_SETPIPE_SZ)");
  return {fds[0], fds[1]};
}

// Moves whole slots from pipe to pipe: no page is looked up, no reference counted.
void move_pages(int from, int to, std::size_t bytes) {
  while (bytes > 0) {
    const ssize_t moved = ::splice(from, nullptr, to, nullptr, bytes, SPLICE_F_MOVE);
    check(moved > 0, "splice");
    bytes -= static_cast<std::size_t>(moved);
  }
}

std::uint64_t* batch_at(Shared& shared, std::uint64_t offset) {
  return shared.ring + offset % ring_bytes / sizeof(std::uint64_t);
}

// Waits for the permission to rewrite the batch at `offset`: its previous contents have been consumed. Gives up if the
// consumer has died.
void wait_for_batch(const Shared& shared, std::uint64_t offset, pid_t consumer) {
  while (offset + batch_bytes > shared.consumed.load(std::memory_order_acquire) + ring_bytes) {
    check(::waitpid(consumer, nullptr, WNOHANG) == 0, "the consumer is gone");
    ::usleep(10);
  }
}

std::uint64_t produce(Shared& shared, const Pipe& data, const Pipe& back, std::uint64_t total, pid_t consumer) {
  std::uint64_t sum = 0;
  std::uint64_t value = 1;
  for (std::uint64_t sent = 0; sent < total; sent += batch_bytes) {
    wait_for_batch(shared, sent, consumer);
    std::uint64_t* words = batch_at(shared, sent);
    for (std::size_t i = 0; i < batch_words; ++i) {
      value = value * 6364136223846793005U + 1442695040888963407U;
      words[i] = value;
      sum += value ^ (sent + i);
    }
    move_pages(back.out, data.in, batch_bytes);
  }
  return sum;
}

std::uint64_t consume(Shared& shared, const Pipe& data, const Pipe& back, std::uint64_t total) {
  std::uint64_t sum = 0;
  for (std::uint64_t taken = 0; taken < total; taken += batch_bytes) {
    move_pages(data.out, back.in, batch_bytes);
    const std::uint64_t* words = batch_at(shared, taken);
    for (std::size_t i = 0; i < batch_words; ++i) sum += words[i] ^ (taken + i);
    shared.consumed.store(taken + batch_bytes, std::memory_order_release);
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t mebibytes = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 256;
  const std::uint64_t total = (mebibytes << 20U) / batch_bytes * batch_bytes;
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  check(memory != MAP_FAILED, "mmap");
  Shared& shared = *new (memory) Shared;
  for (std::size_t i = 0; i < ring_bytes / sizeof(std::uint64_t); i += 512) shared.ring[i] = 1;  // fault the pages in

  const Pipe data = make_pipe();
  const Pipe back = make_pipe();
  const iovec all{shared.ring, ring_bytes};
  check(::vmsplice(back.in, &all, 1, 0) == static_cast<ssize_t>(ring_bytes),
        "vmsplice");  // all pages start out as returned

  const pid_t child = ::fork();
  check(child >= 0, "fork");
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nor should a consumer wait for a producer that died
    shared.consumer_sum = consume(shared, data, back, total);
    ::_exit(0);
  }
  const std::uint64_t producer_sum = produce(shared, data, back, total, child);
  int status = 0;
  check(::waitpid(child, &status, 0) == child && status == 0, "consumer");
  std::printf("%llu bytes; produced %016llx, consumed %016llx\n", static_cast<unsigned long long>(total),
              static_cast<unsigned long long>(producer_sum), static_cast<unsigned long long>(shared.consumer_sum));
  return producer_sum == shared.consumer_sum ? 0 : 1;
}
