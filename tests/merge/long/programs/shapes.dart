library shapes;
import 'dart:collection' show HashMap, SplayTreeMap;
import 'dart:math' as math;
/// A sealed family, its patterns, and whatever else makes a formatter think.
sealed class Shape<T extends num> implements Comparable<Shape<T>> { const Shape(this.name, {required this.scale, this.tags = const <String>{}}); final String name; final T scale; final Set<String> tags;
double get area; @override int compareTo(Shape<T> other) => area.compareTo(other.area); }
final class Circle extends Shape<double> { const Circle(this.radius, {super.scale = 1.0}) : assert(radius >= 0, 'a radius is never negative: $radius'), super('circle'); final double radius;
@override double get area => math.pi * radius * radius * scale * scale; }
final class Rectangle extends Shape<double> with Named, Counted<Rectangle> { Rectangle._(this.width, this.height) : super('rectangle', scale: 1.0, tags: const {'flat', 'four corners', 'rather often seen in windows'});
factory Rectangle.square(double side) => Rectangle._(side, side); final double width, height; @override double get area => switch ((width, height)) { (0, _) || (_, 0) => 0, (var w, var h) when w == h => w * w, (final w, final h) => w * h }; }
mixin Named { String get greeting => 'Hello, ${runtimeType.toString().toUpperCase().split('').reversed.join(r'$')}'; }
mixin Counted<S> { static int _count = 0; int operator +(int more) => _count += more; late final void Function(S, {int? times, required bool loudly})? callback; }
enum Planet { mercury(mass: 3.303e+23, radius: 2.4397e6), earth(mass: 5.976e+24, radius: 6.37814e6); const Planet({required this.mass, required this.radius}); final double mass, radius; double get gravity => 6.67300E-11 * mass / (radius * radius); }
extension type Id(int value) implements int { bool get isEven => value & 1 == 0; }
extension on Map<String, List<int>> { Iterable<MapEntry<String, int>> get sums sync* { for (final MapEntry(:key, :value) in entries) { yield MapEntry(key, value.fold(0, (a, b) => a + b)); } } }
typedef Handler<E extends Exception> = Future<void> Function(E error, [StackTrace? trace]);
Future<List<Shape<double>>> load(String path, {Duration timeout = const Duration(seconds: 30), Handler<FormatException>? onError}) async {
try { final lines = await Stream.fromIterable(['1.5', '2 by 3', 'nonsense']).where((line) => line.isNotEmpty).asyncMap((line) async => line.trim()).toList().timeout(timeout, onTimeout: () => []);
return [for (var line in lines) if (double.tryParse(line) case final radius?) Circle(radius) else if (RegExp(r'^(\d+) by (\d+)$').firstMatch(line) case var m? when m.groupCount == 2) ...[Rectangle._(double.parse(m[1]!), double.parse(m[2]!)), Rectangle.square(2)] else ...?null];
} on FormatException catch (error, trace) { await onError?.call(error, trace); rethrow; } on TimeoutException { return const []; } finally { print('done with $path'); } }
void main(List<String> arguments) async { var total = 0.0, longest = '', counts = HashMap<String, int>(), sorted = SplayTreeMap<String, List<Shape>>((a, b) => -a.compareTo(b));
outer: for (var i = 0, j = 10; i < j; i++, j--) { switch (arguments) { case []: continue outer; case [String first, ...var rest] when rest.length > 3: longest = first.length > longest.length ? first : longest; break; case [_, [1, 2, ...], {'key': int? value, 'other': Circle(radius: > 1 && < 2)}]: total += value ?? 0; default: do { total--; } while (total > 100 && !counts.containsKey('x')); } }
final shapes = (await load('shapes.txt', timeout: Duration(minutes: 1), onError: (error, [trace]) async => print('$error at ${trace?.toString().split('\n').first ?? 'an unknown place'}')))..sort()..forEach((shape) { sorted.putIfAbsent(shape.name, () => [])..add(shape); counts.update(shape.name, (count) => count + 1, ifAbsent: () => 1); });
var record = (1, two: 'two', three: (nested: [3, 3.0, 0x33, 3e3], 'three')); var (one, :two, three: (nested: [first, ...], text)) = record; print('$one $two $first $text ${record.three.$1} ${shapes.map((s) => s.area.toStringAsFixed(2)).join(', ')} ${total ~/ 3 << 2 >>> 1 ^ ~0} $longest');
assert(() { print("""a text
of several lines, with '$one' in it"""); return true; }()); await Future.wait([for (final planet in Planet.values) Future.delayed(Duration(milliseconds: planet.index * 10), () => print('${planet.name}: ${planet.gravity.toStringAsPrecision(3)} ${planet == Planet.earth ? 'home' : 'away'}'))]); }
