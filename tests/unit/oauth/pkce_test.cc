#include "oauth/pkce.h"

#include <gtest/gtest.h>

#include "crypto/random.h"

namespace reeve {
namespace {

TEST(Pkce, makes_the_example_of_the_standard) {
  // RFC 7636 appendix B.
  const unsigned char octets[] = {116, 24,  223, 180, 151, 153, 224, 37,  79,  250, 96,
                                  125, 216, 173, 187, 186, 22,  212, 37,  77,  105, 214,
                                  191, 240, 91,  88,  5,   88,  83,  132, 141, 121};
  const Secret verifier = code_verifier({reinterpret_cast<const char*>(octets), sizeof octets});
  EXPECT_EQ(verifier.reveal(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  EXPECT_EQ(code_challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(Pkce, knows_verifiers) {
  EXPECT_TRUE(valid_verifier(random_token().reveal()));
  EXPECT_TRUE(valid_verifier(std::string(128, '~')));
  for (const std::string& text : {std::string(), std::string(42, 'a'), std::string(129, 'a'),
                                  std::string(42, 'a') + "+", std::string(43, ' ')}) {
    EXPECT_FALSE(valid_verifier(text)) << text;
  }
}

}  // namespace
}  // namespace reeve
