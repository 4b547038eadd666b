/* cJSON: builds a document of 20,000 objects, prints it, parses it, edits it and prints it again. */
#include "output.h"
#include "cJSON.h"

static cJSON* item(int number) {
  char name[32];
  snprintf(name, sizeof name, "item %d", number);
  cJSON* object = cJSON_CreateObject();
  cJSON_AddNumberToObject(object, "id", number);
  cJSON_AddStringToObject(object, "name", name);
  cJSON_AddNumberToObject(object, "price", number * 0.25);
  cJSON* tags = cJSON_AddArrayToObject(object, "tags");
  for (int tag = 0; tag < number % 5; tag++) cJSON_AddItemToArray(tags, cJSON_CreateString("tag"));
  return object;
}

static char* document(void) {
  cJSON* items = cJSON_CreateArray();
  for (int number = 0; number < 20000; number++) cJSON_AddItemToArray(items, item(number));
  char* text = cJSON_PrintUnformatted(items);
  cJSON_Delete(items);
  return text;
}

void run(void) {
  char* before = document();
  cJSON* items = cJSON_Parse(before);
  printf("%zu bytes, hash %08x, %d items\n", strlen(before), hash_of(before, strlen(before)), cJSON_GetArraySize(items));

  double sum = 0;
  int number = 0;
  cJSON *entry, *next;
  for (entry = items->child; entry; entry = next, number++) {
    next = entry->next;
    sum += cJSON_GetObjectItem(entry, "price")->valuedouble;
    if (number % 3 == 0) cJSON_Delete(cJSON_DetachItemViaPointer(items, entry));
  }
  char* after = cJSON_Print(items);
  printf("sum %.2f, %d items left, %zu bytes, hash %08x\n", sum, cJSON_GetArraySize(items), strlen(after), hash_of(after, strlen(after)));
  printf("broken: %s\n", cJSON_Parse("{\"a\": [1, 2") ? "parsed" : "refused");
  cJSON_free(after);
  cJSON_Delete(items);
  cJSON_free(before);
}
