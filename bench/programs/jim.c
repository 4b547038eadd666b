// Jim, a small Tcl, with a script inside: `run` makes an interpreter, runs the script and frees the interpreter.
#include <stdint.h>
#include <time.h>
#include "jim.h"

// wasi-libc would ask WASI for an environment, and has no clock of processes.
static char *none[1];
char **environ = none;
clock_t clock(void) { return 0; }

static const char script[] =
    "set random 12345\n"
    "proc next {n} { global random; set random [expr {($random * 1103515245 + 12345) % 2147483648}]; expr {$random % $n} }\n"
    // Records as dictionaries in a list, a part of them replaced.
    "set people {}\n"
    "for {set i 0} {$i < 6000} {incr i} { lappend people [dict create id $i name \"name$i\" city \"city[next 97]\" friends {}] }\n"
    "for {set i 0} {$i < 6000} {incr i} { set at [next 6000]; lset people $at [dict replace [lindex $people $at] friends [list [next 6000] [next 6000]]] }\n"
    // Words of a text: put together, taken apart, counted, sorted.
    "set words {}\n"
    "for {set i 0} {$i < 12000} {incr i} { lappend words [format %x [next 4000]] }\n"
    "foreach word [split [join $words \" \"] \" \"] { incr count($word) }\n"
    "set keys [lsort [array names count]]\n"
    "set groups [dict create]\n"
    "foreach person $people { dict lappend groups [dict get $person city] [dict get $person name] }\n"
    "set total 0\n"
    "foreach {city names} $groups { incr total [string length [join [lsort $names] ,]] }\n"
    // Strings that grow piece by piece, and lists that live for a moment.
    "set line {}\n"
    "for {set i 0} {$i < 12000} {incr i} { append line [string range abcdefghijklmnopqrstuvwxyz 0 [expr {$i % 26}]]; if {[string length $line] > 900} { set line {} } }\n"
    "for {set i 0} {$i < 10000} {incr i} { incr total [llength [lreverse [list $i [expr {$i + 1}] \"x$i\"]]] }\n"
    "expr {$total + [llength $keys] + [string length $line]}\n";

__attribute__((export_name("run"))) uint32_t run(void) {
  Jim_Interp *interpreter = Jim_CreateInterp();
  Jim_RegisterCoreCommands(interpreter);
  long result = 0;
  if (Jim_Eval(interpreter, script) == JIM_OK) Jim_GetLong(interpreter, Jim_GetResult(interpreter), &result);
  Jim_FreeInterp(interpreter);
  return (uint32_t)result;
}
