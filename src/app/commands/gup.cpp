// The command `gup`: what getting a user page costs, for each kind of pages.
#include <algorithm>

#include "app/execute.hpp"
#include "app/interrupt.hpp"
#include "app/log.hpp"
#include "app/lookups.hpp"
#include "app/output.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/engine/gup_sampler.hpp"
#include "pipebench/model/axis_names.hpp"
#include "pipebench/plan/rules.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

// A plan like any other; what the command line says comes on top.
OptionTexts options_of(std::initializer_list<std::pair<std::string_view, const char*>> texts) {
  OptionTexts options;
  for (const auto& [name, text] : texts) options[option_named(name).name] = {{.text = text, .origin = "gup"}};
  return options;
}

// Many short samples, as in configs/prices.ini.
const OptionTexts& usual_options() {
  static const OptionTexts options = options_of({{axis_names::writer, "vmsplice"},
                                                 {axis_names::reader, "splice"},
                                                 {axis_names::isolation, "none"},
                                                 {axis_names::pages, "4k,thp,2m,1g"},
                                                 {axis_names::no_touch, "off,on"},
                                                 {axis_names::buffer_size, "128K"},
                                                 {axis_names::pipe_size, "128K"},
                                                 {"conditions", "off"},
                                                 {"time", "20ms"},
                                                 {"warmup", "5ms"},
                                                 {"rounds", "15"}});
  return options;
}

// The kernel counts whole microseconds, which for so many pages is less than 0.1 ns a page.
const OptionTexts& options_for_the_kernel() {
  static const OptionTexts options = options_of({{axis_names::buffer_size, "64M"}, {axis_names::buffers, "1"}});
  return options;
}

// It is one thread, which runs on the writer's CPU.
void check_one_cpu(const Document& document) {
  const auto elsewhere = [&](const CaseResult& result) {
    return result.spec.placement != document.cases.front().spec.placement;
  };
  if (std::ranges::any_of(document.cases, elsewhere))
    throw UsageError("--cpus: pages are looked up on one CPU; give one pair, such as 2,2, or auto, or any.");
}

// A vmsplice that copies looks up no pages.
void leave_out_copies(Document& document) {
  if (vmsplice_is_zero_copy() != false) return;
  for (CaseResult& result : document.cases) {
    if (result.status != Status::planned) continue;
    skip(result, {.kind = ObstacleKind::unavailable,
                  .detail = "On this kernel vmsplice copies, so it says nothing about the cost of page lookup."});
  }
}

Measure measure_with(const GupTest& test, const Topology& topology) {
  const auto look_up = [&test](const std::byte* start, std::size_t bytes) { return test.look_up(start, bytes); };
  return [sampler = GupSampler(topology, interrupt_signal(), look_up)](const CaseSpec& spec, const Sampling& sampling,
                                                                       unsigned round) {
    return sampler.take(spec, sampling, round);
  };
}

int gup(const Invocation& invocation, Loaded loaded) {
  const GupTest::Search search = GupTest::find();
  OptionTexts options = usual_options();
  if (search.test) options = with_overrides(options, options_for_the_kernel());
  RunRequest request = read_request(with_overrides(options, invocation.options));
  start_log(request.settings);
  const Session session(std::move(request), std::move(loaded), invocation.typed);
  Document document = session.document(session.size());
  check_one_cpu(document);
  check_stdout();
  handle_interrupts();
  LookupOrigin origin{.finding = search.finding};
  Measure measure;
  if (search.test) {
    origin = {.source = GupSource::kernel, .name = search.test->name()};
    measure = measure_with(*search.test, session.topology());
  } else {
    leave_out_copies(document);
  }
  measure_with_progress(session, document, nullptr, measure);
  print_listing(lookup_listing(document, origin), invocation);
  return exit_code_of(document, true);
}

const std::vector<Option>& options() {
  static const std::vector<Option> options = [] {
    std::vector<Option> some =
        some_options({axis_names::cpus, "time", "rounds", "warmup", "seed", "order", "reserve-huge", "wait-for-others",
                      "format", "progress", "color", "quiet", "verbose", "help"});
    for (Option& option : some) {
      const auto usual = usual_options().find(option.name);
      if (usual != usual_options().end()) option.fallback = usual->second[0].text;
      if (option.name == axis_names::cpus)
        option.help = "pages are looked up on CPU W (OS number); auto: a CPU that is allowed; any: not pinned";
    }
    return some;
  }();
  return options;
}

}  // namespace

extern const Command command_gup = {
    .name = "gup",
    .summary = "what getting a user page costs, for each kind of pages, touched and untouched",
    .options = options,
    .loads = Loads::strategies,
    .run = gup,
};

}  // namespace pipebench
