/* A program that calls one function: -DCALL=... */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static int compare(const void* left, const void* right) { return *(const char*)left - *(const char*)right; }

static void end(void) {}

static char text[100];
static char* rest;
static struct tm date;
static double number;

/* Everything is used once, so that -Wunused stays silent. */
void* volatile sink[] = {(void*)compare, (void*)end, text, &rest, &date, &number};

__attribute__((export_name("call"))) long call(void) {
  sink[0] = malloc(1);
  (void)(CALL);
  return 0;
}
