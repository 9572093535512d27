#!/bin/bash
# Checks that clang-format would change nothing in the C++ files of the tree.
# To make it so: clang-format-14 -i FILE...
set -euo pipefail

# The same files that tree.py names.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "${1:-$here/../..}" && pwd)
cd "$root"

/usr/bin/python3 -B - "$here" "$root" <<'END' |
import pathlib, sys
sys.path.insert(0, sys.argv[1])
import tree
top = pathlib.Path(sys.argv[2])
for path in tree.files(top):
    if path.suffix in tree.CPP:
        print(path, end='\0')
END
  xargs -0 --no-run-if-empty clang-format-14 --style=file --dry-run -Werror
