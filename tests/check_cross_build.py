#!/usr/bin/env python3
"""A build for a machine whose programs cannot be run here can be configured, and says what it leaves out.

Usage: check_cross_build.py SOURCE_ROOT COMPILER...

The compiler is this machine's own: what matters is that Meson is told not to run what it makes.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

CROSS_FILE = """
[binaries]
cpp = {compiler}
ar = 'ar'
strip = 'strip'
pkgconfig = 'pkg-config'
[properties]
needs_exe_wrapper = true
pkg_config_libdir = '{libraries}'
boost_root = '/usr'
[host_machine]
system = 'linux'
cpu_family = '{cpu}'
cpu = '{cpu}'
endian = 'little'
"""


def output_of(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit status {result.returncode}\n{result.stdout}")
    return result.stdout


def main():
    source_root, compiler = sys.argv[1], sys.argv[2:]
    if not shutil.which("meson") or not shutil.which("pkg-config"):
        print("meson or pkg-config is not in the search path.", file=sys.stderr)
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="pipebench-cross-") as directory:
        cross_file = pathlib.Path(directory) / "cross.ini"
        cross_file.write_text(
            CROSS_FILE.format(compiler=compiler, libraries=output_of("pkg-config", "--variable", "pc_path", "pkg-config").strip(), cpu=output_of("uname", "-m").strip()),
            encoding="utf-8")
        build = pathlib.Path(directory) / "build"
        said = output_of("meson", "setup", build, source_root, "--wrap-mode=nofallback", "--cross-file", cross_file, "-Dtests=disabled")
        if "NO (cross build without an exe_wrapper)" not in said:
            sys.exit(f"The summary does not say that man page and completions are left out:\n{said}")
        if "pipebench.1" in (build / "build.ninja").read_text(encoding="utf-8"):
            sys.exit("The build would run its own program to write the man page.")


if __name__ == "__main__":
    main()
