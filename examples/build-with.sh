# Read by the run scripts of the small examples, at the root of the repository:
#
#     set -- clang lld node20
#     . examples/build-with.sh
#
# Installs the tools named in "$@", makes dist/ if it isn't there, and makes the folder for what the example builds.
PATH=$(.ci/need "$@") || exit 1
export PATH
if ! [ -e dist/memory.js ] || ! [ -e dist/libmemory_c.a ]; then
  PATH=$(.ci/need clang lld llvm-ar wasi-libc cmake ninja node20 npm) || exit 1
  cmake --workflow --preset dist >&2
fi
mkdir -p build/examples
