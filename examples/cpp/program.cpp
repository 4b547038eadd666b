// C++ without a standard library: new, delete and a global object with a constructor all work over memory.wasm.

// wasm-ld calls the constructors around every export of a program that has no _initialize: once per call. With this one, which
// memory.js calls after linking, they run once.
extern "C" void __wasm_call_ctors();
extern "C" void _initialize() { __wasm_call_ctors(); }

namespace {

// Numbers in an array that doubles when it is full.
class Samples {
 public:
  explicit Samples(unsigned capacity) : values_(new double[capacity]), capacity_(capacity) {}
  ~Samples() { delete[] values_; }

  void add(double value) {
    if (count_ == capacity_) grow();
    values_[count_++] = value;
  }

  double mean() const {
    double sum = 0;
    for (unsigned i = 0; i < count_; i++) sum += values_[i];
    return count_ ? sum / count_ : 0;
  }

  unsigned count() const { return count_; }

 private:
  void grow() {
    double* larger = new double[2 * capacity_];
    for (unsigned i = 0; i < count_; i++) larger[i] = values_[i];
    delete[] values_;
    values_ = larger;
    capacity_ *= 2;
  }

  double* values_;
  unsigned capacity_;
  unsigned count_ = 0;
};

// Its constructor calls malloc before any function of the program was called.
Samples* samples = new Samples(4);

// Over-aligned: operator new with an alignment.
struct alignas(64) CacheLine {
  char bytes[64];
};

}  // namespace

extern "C" {

void addSample(double value) { samples->add(value); }
double meanOfSamples() { return samples->mean(); }
unsigned countOfSamples() { return samples->count(); }

void deleteSamples() {
  delete samples;
  samples = nullptr;
}

CacheLine* createCacheLine() { return new CacheLine; }
void deleteCacheLine(CacheLine* line) { delete line; }

}
