// The mistakes of C++: one a function, marked as in misuse.c.
#include <stddef.h>

extern "C" void free(void *);

#define EXPORT(name) extern "C" __attribute__((export_name(#name), noinline))

namespace {

template <class T>
class Array {
 public:
  explicit Array(size_t size) : items_(new T[size]()), size_(size) {}
  ~Array() { delete[] items_; }
  T &operator[](size_t i) { return items_[i]; }
  volatile T *begin() { return items_; }
  volatile T *end() { return items_ + size_; }

 private:
  T *items_;
  size_t size_;
};

struct Shape {
  virtual ~Shape() = default;
  virtual int corners() const { return 0; }
};
struct Square : Shape {
  int side = 2;
  int corners() const override { return 4 * side; }
};

template <class T>
__attribute__((noinline)) T *hide(T *pointer) {
  asm volatile("" : "+r"(pointer));
  return pointer;
}

}  // namespace

EXPORT(cpp_write_past) void cpp_write_past() {
  auto *items = new int[10];  // ALLOCATED
  hide(items)[10] = 1;        // WRONG
}

EXPORT(cpp_iterator_past) int cpp_iterator_past() {
  Array<int> items(3);
  return *items.end();  // WRONG
}

EXPORT(cpp_deleted_object) int cpp_deleted_object() {
  Shape *shape = hide(new Square);  // ALLOCATED
  delete shape;                     // FREED
  return hide(shape)->corners();    // WRONG
}

EXPORT(cpp_dangling_reference) int cpp_dangling_reference() {
  auto *items = new int[4]();  // ALLOCATED
  volatile int &first = items[1];
  delete[] hide(items);  // FREED
  return first;          // WRONG
}

EXPORT(cpp_new_freed) void cpp_new_freed() {
  int *number = hide(new int);  // ALLOCATED
  free(number);                 // WRONG
}

EXPORT(cpp_array_deleted) void cpp_array_deleted() {
  int *numbers = hide(new int[4]);  // ALLOCATED
  delete numbers;                   // WRONG
}

EXPORT(cpp_deleted_twice) void cpp_deleted_twice() {
  int *number = hide(new int);  // ALLOCATED
  delete number;                // FREED
  delete hide(number);          // WRONG
}

EXPORT(cpp_clean) int cpp_clean() {
  Array<int> items(100);
  int sum = 0;
  for (size_t i = 0; i < 100; i++) items[i] = static_cast<int>(i);
  for (int item : items) sum += item;
  Shape *shape = hide(new Square);
  sum += shape->corners();
  delete shape;
  return sum;
}
