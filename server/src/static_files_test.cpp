#include "static_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace membrane::server {
namespace {

namespace filesystem = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest()
      : base_(filesystem::temp_directory_path() / ("membrane-static-" + std::to_string(getpid()))) {
    filesystem::remove_all(base_);
    write("secret.txt", "secret");
    write("rooted/secret.txt", "a folder whose name begins like the root's");
    write("root/index.html", "<p>");
    write("root/app.js", "1");
    write("root/with space.css", "p{}");
    write("root/.hidden", "h");
    write("root/folder/index.html", "<p>");
    write("root/empty/x.wasm", "");
    filesystem::create_symlink(base_ / "secret.txt", base_ / "root/leak.txt");
    filesystem::create_directory_symlink(base_, base_ / "root/up");
    filesystem::create_symlink("app.js", base_ / "root/alias.js");
  }
  ~StaticFilesTest() override { filesystem::remove_all(base_); }

  void write(const std::string& name, const std::string& text) {
    filesystem::create_directories((base_ / name).parent_path());
    std::ofstream(base_ / name) << text;
  }
  // The name of the file that is found, or "-".
  std::string found(std::string_view target) {
    const auto result = StaticFiles(base_ / "root").find(target);
    if (const auto* file = std::get_if<StaticFile>(&result)) return file->path.filename();
    if (const auto* moved = std::get_if<StaticRedirect>(&result)) return "-> " + moved->location;
    return "-";
  }

  filesystem::path base_;
};

TEST_F(StaticFilesTest, finds_files_and_the_index_of_folders) {
  EXPECT_EQ(found("/"), "index.html");
  EXPECT_EQ(found("/app.js?v=1"), "app.js");
  EXPECT_EQ(found("/with%20space.css"), "with space.css");
  EXPECT_EQ(found("/folder/"), "index.html");
  EXPECT_EQ(found("//folder//index.html"), "index.html");
  EXPECT_EQ(found("/alias.js"), "app.js");
}

TEST_F(StaticFilesTest, a_folder_without_its_slash_is_redirected_and_never_listed) {
  EXPECT_EQ(found("/folder"), "-> folder/");
  EXPECT_EQ(found("/empty/"), "-");
}

TEST_F(StaticFilesTest, nothing_outside_the_root_is_found) {
  for (const char* target :
       {"/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/folder/../../secret.txt",
        "/leak.txt", "/up/secret.txt", "/up/root/app.js/../../secret.txt", "/..\\secret.txt",
        "/%5c..%5csecret.txt", "/../rooted/secret.txt", "../secret.txt", "secret.txt",
        "//../secret.txt", "/.%2e/secret.txt", "/%252e%252e/secret.txt", "/etc/passwd"}) {
    EXPECT_EQ(found(target), "-") << target;
  }
}

TEST_F(StaticFilesTest, what_is_no_file_is_missing) {
  for (const char* target : {"/nothing", "/.hidden", "/app.js/", "/app.js/x", "/app.js%00.html",
                             "/%zz", "*", "", "/empty/x.wasm/"}) {
    EXPECT_EQ(found(target), "-") << target;
  }
  EXPECT_EQ(found("/" + std::string(5000, 'a')), "-") << "a name too long for the system";
}

TEST_F(StaticFilesTest, the_tag_changes_with_the_file) {
  const StaticFiles files(base_ / "root");
  const std::string before = std::get<StaticFile>(files.find("/app.js")).etag;
  EXPECT_EQ(std::get<StaticFile>(files.find("/app.js")).etag, before);
  write("root/app.js", "12");
  EXPECT_NE(std::get<StaticFile>(files.find("/app.js")).etag, before);
  EXPECT_EQ(std::get<StaticFile>(files.find("/app.js")).size_bytes, 2U);
}

TEST(ContentType, of_what_a_web_page_is_made_of) {
  EXPECT_EQ(content_type_of("a.html"), "text/html; charset=utf-8");
  EXPECT_EQ(content_type_of("a.js"), "text/javascript; charset=utf-8");
  EXPECT_EQ(content_type_of("a.mjs"), "text/javascript; charset=utf-8");
  EXPECT_EQ(content_type_of("a.css"), "text/css; charset=utf-8");
  EXPECT_EQ(content_type_of("a.wasm"), "application/wasm");
  EXPECT_EQ(content_type_of("a.json"), "application/json");
  EXPECT_EQ(content_type_of("a.js.map"), "application/json");
  EXPECT_EQ(content_type_of("a.svg"), "image/svg+xml");
  EXPECT_EQ(content_type_of("a.png"), "image/png");
  EXPECT_EQ(content_type_of("a"), "application/octet-stream");
}

}  // namespace
}  // namespace membrane::server
