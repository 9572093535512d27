// The main of tests that need crypto_init: stands for test_main.cc.
#include <gtest/gtest.h>

#include "crypto/key.h"

int main(int count, char** arguments) {
  testing::InitGoogleTest(&count, arguments);
  if (!reeve::crypto_init()) return 1;
  return RUN_ALL_TESTS();
}
