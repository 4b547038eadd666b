// Exceptions need a runtime that isn't there.
extern "C" [[clang::export_name("check")]] int check(int value) {
  if (value == 0) throw value;
  return value;
}
