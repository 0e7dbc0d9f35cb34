#include <cstdio>
#include <exception>

#include "pipebench/app/app.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/printable.hpp"

namespace {

void report(const std::exception& error) {
  std::fprintf(stderr, "pipebench: %s\n", pipebench::escaped(error.what()).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return pipebench::run_app({argv + 1, argv + argc});
  } catch (const pipebench::UsageError& error) {
    report(error);
    return 2;
  } catch (const std::exception& error) {
    report(error);
    return 1;
  }
}
