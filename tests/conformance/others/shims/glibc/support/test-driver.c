#ifdef TEST_FUNCTION
int main(void) { return TEST_FUNCTION; }
#else
int main(void) { return do_test(); }
#endif
