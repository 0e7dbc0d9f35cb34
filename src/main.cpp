#include <cstdio>
#include <exception>

#include "pipebench/app/app.hpp"
#include "pipebench/base/error.hpp"

int main(int argc, char** argv) {
  try {
    return pipebench::run_app({argv + 1, argv + argc});
  } catch (const pipebench::UsageError& error) {
    std::fprintf(stderr, "pipebench: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pipebench: %s\n", error.what());
    return 1;
  }
}
