// THE list of commands.
#include <array>

#include "app/command_line.hpp"
#include "app/commands.hpp"

namespace pipebench {

std::span<const Verb> verbs() {
  static constexpr std::array table{
      Verb{"run", "measures; without options, the ladder of the article (the default command)", run_options,
           run_command},
      Verb{"list", "every writer, reader, wait, page kind and bundled config, and whether it runs here", list_options,
           list_command},
      Verb{"topology", "CPUs, what they share, which may be used, and the relations between pairs of them",
           topology_options, topology_command},
  };
  return table;
}

}  // namespace pipebench
