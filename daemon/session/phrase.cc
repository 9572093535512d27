#include "session/phrase.h"

#include <array>
#include <string_view>

#include "crypto/random.h"

namespace reeve {
namespace {

// 256 words that are easy to tell apart, one octet each.
constexpr std::array<std::string_view, 256> kWords = {
    "amber",    "anchor",   "apple",   "apron",    "arrow",    "autumn",  "badge",    "bagel",
    "baker",    "bamboo",   "banjo",   "barrel",   "basil",    "basket",  "beach",    "beacon",
    "beetle",   "berry",    "birch",   "bishop",   "blanket",  "blossom", "bonnet",   "border",
    "bottle",   "boulder",  "bramble", "branch",   "brass",    "breeze",  "brick",    "bridge",
    "bronze",   "brook",    "bucket",  "buffalo",  "bugle",    "butter",  "button",   "cabin",
    "cactus",   "camel",    "candle",  "canoe",    "canyon",   "carbon",  "cargo",    "carpet",
    "carrot",   "castle",   "cedar",   "cello",    "chalk",    "cherry",  "chimney",  "cider",
    "cinder",   "circle",   "citrus",  "clay",     "clock",    "clover",  "cobalt",   "coffee",
    "comet",    "compass",  "copper",  "coral",    "cotton",   "cradle",  "crater",   "cricket",
    "crimson",  "crystal",  "cypress", "dahlia",   "dancer",   "delta",   "denim",    "desert",
    "dolphin",  "domino",   "donkey",  "dragon",   "drummer",  "eagle",   "echo",     "ember",
    "emerald",  "engine",   "falcon",  "feather",  "fender",   "fern",    "ferry",    "fiddle",
    "flannel",  "flint",    "flower",  "flute",    "forest",   "fossil",  "fountain", "fox",
    "galaxy",   "garden",   "garlic",  "garnet",   "gazelle",  "ginger",  "glacier",  "globe",
    "granite",  "grape",    "gravel",  "guitar",   "hammer",   "harbor",  "harvest",  "hazel",
    "hedge",    "helmet",   "heron",   "hickory",  "hollow",   "honey",   "horizon",  "hornet",
    "indigo",   "iris",     "island",  "ivory",    "ivy",      "jacket",  "jaguar",   "jasmine",
    "jigsaw",   "jungle",   "juniper", "kayak",    "kernel",   "kettle",  "kitten",   "lagoon",
    "lantern",  "lark",     "laurel",  "lavender", "leather",  "lemon",   "lilac",    "linen",
    "lizard",   "lobster",  "locket",  "lotus",    "magnet",   "mango",   "maple",    "marble",
    "marigold", "marina",   "marsh",   "meadow",   "melon",    "mirror",  "mitten",   "monsoon",
    "mosaic",   "mountain", "mustard", "nectar",   "needle",   "nickel",  "nutmeg",   "oasis",
    "ocean",    "olive",    "onyx",    "opal",     "orange",   "orbit",   "orchard",  "orchid",
    "otter",    "owl",      "oyster",  "paddle",   "panther",  "papaya",  "parrot",   "pebble",
    "pelican",  "pepper",   "pewter",  "piano",    "pigeon",   "pillow",  "pine",     "pioneer",
    "planet",   "plum",     "pocket",  "pony",     "poplar",   "poppy",   "prairie",  "pretzel",
    "prism",    "pumpkin",  "puzzle",  "quartz",   "quill",    "rabbit",  "radish",   "raven",
    "reef",     "ribbon",   "river",   "robin",    "rocket",   "rooster", "rose",     "ruby",
    "saddle",   "saffron",  "salmon",  "sandal",   "sapphire", "satin",   "scarlet",  "shadow",
    "shell",    "silver",   "sparrow", "spruce",   "squirrel", "stable",  "summit",   "sunset",
    "swan",     "tailor",   "tango",   "tartan",   "teapot",   "temple",  "thimble",  "thistle",
    "thunder",  "tiger",    "timber",  "topaz",    "tulip",    "tunnel",  "turtle",   "umbrella",
};

}  // namespace

std::string random_phrase() {
  std::string phrase;
  for (const char octet : random_bytes(3)) {
    if (!phrase.empty()) phrase += '-';
    phrase += kWords[static_cast<unsigned char>(octet)];
  }
  return phrase;
}

}  // namespace reeve
