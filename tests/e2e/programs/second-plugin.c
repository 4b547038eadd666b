// A plugin that builds on the first one.
int pluginSum(void);
extern int *pluginData;
int secondSum(void) { return pluginSum() + *pluginData; }
