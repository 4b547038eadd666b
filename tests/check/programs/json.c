// cJSON with a document that is parsed, changed, printed and parsed again.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cJSON.h"

static cJSON *document(int items) {
  cJSON *root = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(root, "items");
  for (int i = 0; i < items; i++) {
    cJSON *item = cJSON_CreateObject();
    cJSON_AddNumberToObject(item, "id", i);
    cJSON_AddStringToObject(item, "name", i % 3 ? "a name with \"quotes\"" : "\xc3\xa4\xc3\xb6\xc3\xbc");
    cJSON_AddItemToObject(item, "point", cJSON_CreateDoubleArray((double[]){i * 0.5, i / 3.0, -i}, 3));
    cJSON_AddItemToArray(list, item);
  }
  return root;
}

__attribute__((export_name("run"))) uint32_t run(void) {
  uint32_t sum = 0;
  for (int round = 0; round < 20; round++) {
    cJSON *root = document(200 + round);
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    cJSON *again = cJSON_Parse(text);
    cJSON_DeleteItemFromArray(cJSON_GetObjectItem(again, "items"), round);
    char *small = cJSON_PrintUnformatted(again);
    for (const char *byte = small; *byte; byte++) sum = sum * 31 + (uint8_t)*byte;
    sum += (uint32_t)strlen(text);
    free(text), free(small);
    cJSON_Delete(again);
  }
  return sum;
}
