// SPDX-License-Identifier: MIT
// Checks which pixels `predict` reads from PNG, PGM and IDX files.
#include "integration/predict_program.hpp"

#include <zlib.h>

#include <cstring>

#include "datasets/idx_files.hpp"
#include "support/sanitizers.hpp"

namespace xgrad {
namespace {

using test::idx, test::Outcome, test::pgm, test::Pixels, test::PredictTest;

std::string big_endian(std::size_t value) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(value >> shift);
  return bytes;
}

std::string png_chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  return big_endian(data.size()) + body +
         big_endian(
             crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())));
}

/// A PNG file of 2 x 2 pixels, built according to the PNG specification. `chunks` are inserted
/// before the pixels. An interlaced file has three rows: the first pixel (pass 1), the pixel beside
/// it (pass 6), and the second row (pass 7).
struct PngFile {
  int depth, colour_type;
  std::vector<std::string> rows;
  std::string chunks{};
  bool is_interlaced = false;

  std::string bytes() const {
    std::string raw;
    for (const std::string& row : rows) raw += '\0' + row;  // 0: the row is not filtered
    std::string packed(100 + raw.size(), '\0');
    uLongf size = packed.size();
    EXPECT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                       reinterpret_cast<const Bytef*>(raw.data()), raw.size()),
              Z_OK);
    packed.resize(size);
    const std::string kind{static_cast<char>(depth), static_cast<char>(colour_type), '\0', '\0',
                           static_cast<char>(is_interlaced)};
    return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", big_endian(2) + big_endian(2) + kind) + chunks +
           png_chunk("IDAT", packed) + png_chunk("IEND", "");
  }
};

TEST_F(PredictTest, AnImageWithALightBorderIsInverted) {
  const auto dark = [](std::size_t x, std::size_t y) { return x == 1 && y == 1 ? 200 : 10; };
  const auto light = [&](std::size_t x, std::size_t y) { return 255 - dark(x, y); };
  for (const char* kind : {"P2", "P5"}) {
    write("dark", pgm(kind, 2, 2, dark));
    write("light", pgm(kind, 2, 2, light));
    EXPECT_EQ(seen("dark"), (Pixels{10, 10, 10, 200})) << kind;
    EXPECT_EQ(seen("light"), (Pixels{10, 10, 10, 200})) << kind;
  }
}

TEST_F(PredictTest, PngAndPgmFilesGiveTheSamePixels) {
  write_png("grey", 2, 2, PNG_FORMAT_GRAY, {0, 50, 100, 150});
  EXPECT_EQ(seen("grey"), (Pixels{0, 50, 100, 150}));
  write_png("colour", 2, 2, PNG_FORMAT_RGB, {0, 0, 0, 50, 50, 50, 100, 100, 100, 150, 150, 150});
  EXPECT_EQ(seen("colour"), (Pixels{0, 50, 100, 150}));
  // One black pixel; the others are transparent.
  write_png("ink", 2, 2, PNG_FORMAT_GA, {0, 0, 0, 0, 0, 255, 0, 0});
  EXPECT_EQ(seen("ink"), (Pixels{0, 0, 255, 0}));
  write("deep", "P5 2 2 65535\n" + std::string("\0\0\x80\0\0\0\xff\xff", 8));
  EXPECT_EQ(seen("deep"), (Pixels{0, 128, 0, 255}));
}

TEST_F(PredictTest, PngFilesOfEveryBitDepthGiveTheSameGreyLevels) {
  const auto expect_seen = [&](const PngFile& file, const Pixels& expected) {
    write("png", file.bytes());
    EXPECT_EQ(seen("png"), expected) << file.depth << " bits, colour type " << file.colour_type;
  };
  // With 16 bits, the pixels are 0, 50, 100 and 200 times 257. Rounded to 8 bits, 128 becomes 0,
  // 129 becomes 1, and 32768 becomes 128.
  const std::string deep[] = {{"\0\0\x32\x32", 4}, {"\x64\x64\xc8\xc8", 4}};
  expect_seen({16, 0, {deep[0], deep[1]}}, {0, 50, 100, 200});
  expect_seen({16, 0, {{"\0\0\0\x80", 4}, {"\0\x81\x80\0", 4}}}, {0, 0, 1, 128});
  expect_seen({16, 0, {{"\0\0", 2}, "\x32\x32", deep[1]}, "", true}, {0, 50, 100, 200});
  expect_seen({8, 0, {{"\0", 1}, "\x32", "\x64\xc8"}, "", true}, {0, 50, 100, 200});
  // Grey and alpha. In the first file all pixels are opaque. In the other files the second pixel is
  // transparent, which counts as white.
  expect_seen({16, 4, {{"\0\0\xff\xff\x32\x32\xff\xff", 8}, "\x64\x64\xff\xff\xc8\xc8\xff\xff"}},
              {0, 50, 100, 200});
  expect_seen({16, 4, {{"\0\0\xff\xff\x32\x32\0\0", 8}, {"\0\0\xff\xff\0\0\xff\xff", 8}}},
              {0, 255, 0, 0});
  expect_seen({16, 0, {{"\0\0\x32\x32", 4}, std::string(4, '\0')}, png_chunk("tRNS", "\x32\x32")},
              {0, 255, 0, 0});
  // RGB colours that are grey.
  expect_seen({16,
               2,
               {std::string("\0\0\0\0\0\0\x32\x32\x32\x32\x32\x32", 12),
                "\x64\x64\x64\x64\x64\x64\xc8\xc8\xc8\xc8\xc8\xc8"}},
              {0, 50, 100, 200});
  // A palette of 0, 50, 100 and 200, with 8 and 2 bits for each pixel.
  const std::string palette =
      png_chunk("PLTE", std::string("\0\0\0\x32\x32\x32\x64\x64\x64\xc8\xc8\xc8", 12));
  expect_seen({8, 3, {{"\0\1", 2}, "\2\3"}, palette}, {0, 50, 100, 200});
  expect_seen({2, 3, {"\x10", "\xb0"}, palette}, {0, 50, 100, 200});
  // With 1, 2 and 4 bits, grey levels are multiples of 255, 85 and 17.
  expect_seen({1, 0, {"\x40", {"\0", 1}}}, {0, 255, 0, 0});
  expect_seen({2, 0, {"\x10", "\x80"}}, {0, 85, 170, 0});
  expect_seen({4, 0, {"\3", "\x79"}}, {0, 51, 119, 153});
}

TEST_F(PredictTest, TheGammaOfAPngIsApplied) {
  const std::string srgb = png_chunk("sRGB", std::string(1, '\0'));
  const std::string gamma_45455 = png_chunk("gAMA", std::string("\0\0\xb1\x8f", 4));
  const std::string linear = png_chunk("gAMA", std::string("\0\1\x86\xa0", 4));
  const std::string rows8[] = {{"\0\x32", 2}, {"\x80\0", 2}};
  const std::string rows16[] = {{"\0\0\x32\x32", 4}, {"\x80\x80\0\0", 4}};
  for (const std::string& chunks : {std::string(), srgb, gamma_45455, srgb + gamma_45455}) {
    write("png8", PngFile{8, 0, {rows8[0], rows8[1]}, chunks}.bytes());
    EXPECT_EQ(seen("png8"), (Pixels{0, 50, 128, 0}));
    write("png16", PngFile{16, 0, {rows16[0], rows16[1]}, chunks}.bytes());
    EXPECT_EQ(seen("png16"), (Pixels{0, 50, 128, 0}));
  }
  // 255 (v / 255)^(1 / 2.2) is 136.03 for 64 and 186.4 for 128.
  write("linear8", PngFile{8, 0, {{"\0\x40", 2}, rows8[1]}, linear}.bytes());
  EXPECT_EQ(seen("linear8"), (Pixels{0, 136, 186, 0}));
  write("linear16", PngFile{16, 0, {{"\0\0\x40\x40", 4}, rows16[1]}, linear}.bytes());
  EXPECT_EQ(seen("linear16"), (Pixels{0, 136, 186, 0}));
}

TEST_F(PredictTest, TheMaximumOfAPgmMayBeAnyNumber) {
  write("text", "P2 2 2 65535 0 128 129 32768");
  EXPECT_EQ(seen("text"), (Pixels{0, 0, 1, 128}));
  write("bits", std::string("P5 2 2 1\n\0\1\0\0", 13));
  EXPECT_EQ(seen("bits"), (Pixels{0, 255, 0, 0}));
  write("bits", "P2#\n2 # two\n2\n#\n1 0\n1#\n0 0");
  EXPECT_EQ(seen("bits"), (Pixels{0, 255, 0, 0}));
}

TEST_F(PredictTest, EachPixelIsTheMeanOfItsArea) {
  // Three pixels become two: half of the middle pixel belongs to each.
  write("three",
        pgm("P5", 3, 3, [](std::size_t x, std::size_t) { return 60 * static_cast<int>(x); }));
  EXPECT_EQ(seen("three"), (Pixels{20, 100, 20, 100}));
  write("four", pgm("P5", 4, 4, [](std::size_t x, std::size_t y) {
          return x >= 2 && y < 2 ? (x == 3 ? 80 : 40) : 0;
        }));
  EXPECT_EQ(seen("four"), (Pixels{0, 60, 0, 0}));
  // The image is not stretched. It is centred in a dark square.
  write("flat", pgm("P5", 4, 2, [](std::size_t x, std::size_t) { return x < 2 ? 100 : 40; }));
  EXPECT_EQ(seen("flat"), (Pixels{50, 20, 50, 20}));
  write("paper", pgm("P5", 4, 2, [](std::size_t x, std::size_t) { return x < 2 ? 255 : 175; }));
  EXPECT_EQ(seen("paper"), (Pixels{0, 40, 0, 40}));
}

TEST_F(PredictTest, ABlankImageGivesAnErrorOfOneLineAndStatus1) {
  const std::string message = "blank: all its pixels are equal, so it shows no digit\n";
  for (const int value : {0, 100, 255}) {
    write("sheet", pgm("P5", 4, 2, [=](std::size_t, std::size_t) { return value; }));
    expect_one_line("net sheet", 1, "predict: [predict] sheet: the image is " + message);
    expect_one_line("net sheet --logits", 1, message);
  }
  write("dot", pgm("P5", 1, 1, [](std::size_t, std::size_t) { return 70; }));
  expect_one_line("net dot", 1, message);
  write_png("glass", 2, 2, PNG_FORMAT_GA, {0, 0, 90, 0, 180, 0, 255, 0});
  expect_one_line("net glass", 1, message);
  // A speck that vanishes when the image is scaled to the input size of the net.
  write("speck", pgm("P5", 80, 80, [](std::size_t x, std::size_t y) { return x == y && x == 9; }));
  expect_one_line("net speck", 1, message);
  write("images", idx({3, 2, 2}, std::string("\7\7\7\7", 4) + "abcd" + "eeee"));
  expect_one_line("net images --index 2", 1, "[predict] images: image 2 is " + message);
}

TEST_F(PredictTest, BlankImagesOfAFileAreClassifiedAndCounted) {
  write("images", idx({4, 2, 2}, std::string("\xff\0\0\0\7\7\7\7\0\xff\0\0\0\0\0\0", 16)));
  write("labels", idx({4}, std::string("\0\1\1\0", 4)));
  const std::string note =
      "predict: images: 2 of 4 images are blank, the first is image 1; their classes have no "
      "meaning\n";
  const Outcome all = run("net images");
  EXPECT_EQ(all.status, 0);
  EXPECT_EQ(std::count(all.out.begin(), all.out.end(), '\n'), 4) << all.out;
  EXPECT_EQ(all.err, note);
  const Outcome labelled = run("net images --labels labels");
  EXPECT_EQ(labelled.out.rfind("accuracy 75.00 ± ", 0), 0u) << labelled.out;
  EXPECT_EQ(labelled.err, note);
  EXPECT_EQ(run("net images --index 0").err, "");
  EXPECT_EQ(run("net images --log-file log").err, note);
  EXPECT_NE(read_bytes(scratch / "log").find(" [warning] [predict] images: 2 of 4 images are "),
            std::string::npos);
}

TEST_F(PredictTest, ImagesInIdxAreChosenByIndexOrAllClassified) {
  write("images", idx({3, 2, 2}, std::string("\xff\0\0\0\0\xff\0\0\0\0\0\xff", 12)));
  write("labels", idx({3}, std::string("\0\1\2", 3)));
  EXPECT_EQ(seen("images --index 1"), (Pixels{0, 255, 0, 0}));
  // e / (e + 3) = 0.4754
  EXPECT_EQ(run("net images").out,
            "class 0  probabilities 0.4754 0.1749 0.1749 0.1749\n"
            "class 1  probabilities 0.1749 0.4754 0.1749 0.1749\n"
            "class 3  probabilities 0.1749 0.1749 0.1749 0.4754\n");
  EXPECT_EQ(run("net images --labels labels").out, "accuracy 66.67 ± 27.22 % of 3 images\n");
}

TEST_F(PredictTest, AFileThatIsNotAnImageGivesAnErrorOfOneLine) {
  write("text", "hello, this is not an image");
  write("empty", "");
  expect_one_line("net nowhere", 1, (scratch / "nowhere").string() + ": no such file");
  expect_one_line("net text", 1,
                  "predict: [predict] text: is not a PNG, a PGM or an IDX file of images");
  expect_one_line("net empty", 1, "is not a PNG");
  expect_one_line("net .", 1, "is not a regular file");
}

TEST_F(PredictTest, ATruncatedOrDamagedImageGivesAnErrorOfOneLine) {
  write_png("whole", 40, 40, PNG_FORMAT_GRAY, std::vector<std::uint8_t>(1600, 7));
  const std::string png = read_bytes(scratch / "whole");
  for (const std::size_t length : {5u, 20u, 40u}) {
    write("png", png.substr(0, length));
    expect_one_line("net png", 1, "damaged PNG data: ");
  }
  for (const std::size_t at : {45u, 50u}) {  // offsets in the compressed pixels
    std::string altered = png;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    write("png", altered);
    expect_one_line("net png", 1, "damaged PNG data: ");
  }
  write("pgm", "P5 2 2 255\nabc");
  expect_one_line("net pgm", 1, "cut short: the pixels need 4 bytes, but there are 3");
  write("pgm", "P2 2 2 255\n1 2  \n\n\n\n 3");
  expect_one_line("net pgm", 1, "cut short: expected a pixel, found the end of the file");
  write("pgm", "P2 2 2 255\n1 2 x 4");
  expect_one_line("net pgm", 1, "damaged PGM data: expected a pixel, found no number");
  write("pgm", "P2 2 2 9\n1 2 3 10");
  expect_one_line("net pgm", 1, "a pixel must be at most 9, the value of white, found 10");
  write("pgm", "P5 2 2 0\nabcd");
  expect_one_line("net pgm", 1, "the value of white must be from 1 to 65535, found 0");
  write("pgm", "P5 2 # no height");
  expect_one_line("net pgm", 1, "cut short: expected the height");
}

TEST_F(PredictTest, ExcessiveDimensionsTakeNoMemory) {
#if defined(XGRAD_TEST_ASAN)
  const std::string limit;  // the sanitizer itself reserves terabytes of addresses
#else
  const std::string limit = "ulimit -v 4000000;";
#endif
  const std::string limited = "bash -c '" + limit + " exec " XGRAD_PREDICT " net big'";
  write_png("small", 1, 1, PNG_FORMAT_GRAY, {0});
  std::string png = read_bytes(scratch / "small");
  png.replace(16, 8, std::string("\0\x0f\x42\x40\0\x0f\x42\x40", 8));  // 1,000,000 x 1,000,000
  const auto crc =
      static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(png.data()) + 12, 17));
  for (std::size_t i = 0; i < 4; ++i) png[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
  for (const std::string& bytes :
       {png, std::string("P5 1000000 1000000 255\n0"), std::string("P2 0 5 255\n0"),
        std::string("P2 4294967296 4294967296 255\n0")}) {
    write("big", bytes);
    const Outcome outcome = run(limited, "");
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.err.find("an image must have 1 to 16777216 pixels, found "),
              std::string::npos)
        << outcome.err;
  }
  write("big", "P5 4000 4000 255\n0");
  expect_one_line("net big", 1, "cut short: the pixels need 16000000 bytes, but there are 1");
}

}  // namespace
}  // namespace xgrad
