// A plugin that wants the address of what nobody defines.
extern int nobodysData;
int needy(void) { return nobodysData; }
