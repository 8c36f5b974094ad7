// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/service_name.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

struct Case {
  const char* exe;
  std::vector<std::string> args;
  const char* name;
  const char* cwd = "/srv/orders";
};

class ServiceNameTest : public ::testing::TestWithParam<Case> {};

TEST_P(ServiceNameTest, IsWhatAPersonWouldSay) {
  ProcessFacts facts;
  facts.exe = GetParam().exe;
  facts.args = GetParam().args;
  facts.cwd = GetParam().cwd;
  EXPECT_EQ(service_name(facts), GetParam().name);
}

// A redacted recording's arguments must give the same name in a replay, which knows no working
// folder.
TEST_P(ServiceNameTest, IsReadOffTheShortestCommandLineToo) {
  ProcessFacts facts;
  facts.exe = GetParam().exe;
  facts.args = GetParam().args;
  const std::string whole = service_name(facts);
  facts.args = naming_args(facts);
  EXPECT_EQ(service_name(facts), whole) << testing::PrintToString(facts.args);
  EXPECT_LE(facts.args.size(), 4u);
}

INSTANTIATE_TEST_SUITE_P(
    Binaries, ServiceNameTest,
    ::testing::Values(  //
        Case{"/usr/sbin/nginx", {"nginx: worker process"}, "nginx"},
        Case{"/srv/shop/server", {"./server"}, "server"},
        Case{"/usr/lib/postgresql/15/bin/postgres", {"postgres: walwriter"}, "postgres"},
        Case{"./checkout", {"./checkout"}, "checkout"},
        Case{"/usr/sbin/php-fpm8.2", {"php-fpm: pool www"}, "php-fpm"},
        Case{"/opt/tool-1.2", {}, "tool-1.2"}, Case{"", {}, "unknown_service"}));

TEST(ServiceName, IsTheNameAProgramOfSeveralIsStartedBy) {
  ProcessFacts facts;
  facts.exe = "/usr/bin/redis-check-rdb";
  facts.args = {"/usr/bin/redis-server 127.0.0.1:6379"};
  facts.comm = "redis-server";
  EXPECT_EQ(service_name(facts), "redis-server");
  facts.comm = "io_thd_1";  // a thread's own name is ignored
  EXPECT_EQ(service_name(facts), "redis-check-rdb");
  facts.args = {};
  EXPECT_EQ(service_name(facts), "redis-check-rdb");
}

constexpr const char* kPython = "/usr/bin/python3.11";
INSTANTIATE_TEST_SUITE_P(
    Python, ServiceNameTest,
    ::testing::Values(  //
        Case{kPython, {"python", "app.py"}, "app"},
        Case{kPython, {"python", "-u", "-X", "dev", "shop.py"}, "shop"},
        Case{kPython, {"python", "-Wignore", "-bb", "shop.py", "-m", "x"}, "shop"},
        Case{kPython, {"python", "-uBm", "shop"}, "shop"},
        Case{kPython, {"python", "-mshop.cli"}, "shop.cli"},
        Case{kPython, {"python", "-m", "http.server", "8000"}, "http.server"},
        Case{kPython, {"python", "-m", "shop.main"}, "shop"},
        Case{kPython, {"python", "-m", "shop.__main__"}, "shop"},
        Case{kPython, {"python", "/srv/shop/main.py"}, "shop"},
        Case{kPython, {"python", "/srv/shop/src/main.py"}, "shop"},
        Case{kPython, {"python", "main.py"}, "orders"},
        Case{kPython, {"python", "main.py"}, "main", "/app"},
        Case{kPython, {"python", "manage.py", "runserver"}, "orders"},
        Case{kPython, {"python", "-c", "print(1)"}, "python"}, Case{kPython, {"python"}, "python"},
        Case{kPython, {"python", "-"}, "python"}, Case{kPython, {"python", "-m"}, "python"},
        Case{kPython, {"python", "-X"}, "python"}, Case{kPython, {}, "python"},
        Case{"/usr/bin/pypy3", {"pypy3", "shop.py"}, "shop"}));

INSTANTIATE_TEST_SUITE_P(
    PythonServers, ServiceNameTest,
    ::testing::Values(  //
        Case{kPython, {"python", "-m", "flask", "--app", "shop", "run"}, "shop"},
        Case{kPython, {"python", "/venv/bin/flask", "--app=shop.wsgi:make()", "run"}, "shop"},
        Case{kPython, {"python", "/venv/bin/flask", "-A", "shop/app.py", "run"}, "app"},
        Case{kPython, {"python", "/venv/bin/flask", "run"}, "orders"},
        Case{kPython, {"python", "/venv/bin/flask", "run"}, "flask", "/app"},
        Case{kPython, {"python", "/venv/bin/gunicorn", "shop:app"}, "shop"},
        Case{kPython,
             {"python", "/venv/bin/gunicorn", "-b", "127.0.0.1:80", "-b", "localhost:81", "--bind",
              "unix:s", "-c", "python:conf", "shop.wsgi:application"},
             "shop"},
        Case{kPython, {"python", "/venv/bin/gunicorn", "-w", "4", "shop.wsgi"}, "shop"},
        Case{kPython, {"python", "/venv/bin/gunicorn", "--worker-class", "gevent"}, "orders"},
        Case{kPython, {"python", "/venv/bin/gunicorn", "app:app"}, "app"},
        Case{kPython, {"gunicorn: master [shop:app]"}, "shop"},
        Case{kPython, {"python", "/venv/bin/uvicorn", "shop.main:app", "--port", "80"}, "shop"},
        Case{kPython, {"python", "/venv/bin/uvicorn", "--factory", "main:create"}, "orders"},
        Case{kPython, {"python", "/venv/bin/uvicorn", "app.main:app"}, "orders"},
        Case{kPython, {"python", "/venv/bin/uvicorn", "app.main:app"}, "app", "/app"},
        Case{kPython, {"python", "/venv/bin/celery", "-A", "shop", "worker"}, "shop"},
        Case{kPython, {"python", "-m", "uvicorn", "shop:app"}, "shop"},
        Case{kPython, {"python", "/venv/bin/fastapi", "run", "shop.py"}, "shop"},
        // Only the EXEC record is known: the path is the script's.
        Case{"/venv/bin/uvicorn", {"/usr/bin/python3", "/venv/bin/uvicorn", "shop:app"}, "shop"}));

INSTANTIATE_TEST_SUITE_P(
    Node, ServiceNameTest,
    ::testing::Values(  //
        Case{"/usr/bin/node", {"node", "server.js"}, "server"},
        Case{"/usr/bin/node", {"node", "-r", "./otel.js", "--inspect", "shop.mjs"}, "shop"},
        Case{"/usr/bin/node", {"node", "/srv/shop/index.js"}, "shop"},
        Case{"/usr/bin/node", {"node", "/srv/shop/dist/index.js"}, "shop"},
        Case{"/usr/bin/node", {"node", "dist/main.js"}, "orders"},
        Case{"/usr/bin/node", {"node", "."}, "orders"},
        Case{"/usr/bin/node", {"node", "index.js"}, "index", "/usr/src/app"},
        Case{"/usr/bin/node", {"node", "/usr/bin/npm", "start"}, "orders"},
        Case{"/usr/bin/node", {"npm start"}, "orders"},
        Case{"/usr/bin/node", {"node", "-e", "1"}, "node"},
        Case{"/usr/bin/nodejs", {"nodejs"}, "nodejs"}));

INSTANTIATE_TEST_SUITE_P(
    Java, ServiceNameTest,
    ::testing::Values(  //
        Case{"/usr/lib/jvm/java-17/bin/java", {"java", "-jar", "x.jar"}, "x"},
        Case{"/usr/bin/java",
             {"java", "-Xmx1g", "-cp", "a:b", "-jar", "/opt/shop-api-1.2.3-SNAPSHOT.jar", "x"},
             "shop-api"},
        Case{"/usr/bin/java", {"java", "-cp", "a.jar", "pkg.Main"}, "Main"},
        Case{"/usr/bin/java",
             {"java", "-classpath", "a.jar", "--add-opens", "java.base/java.lang=ALL-UNNAMED",
              "com.x.Shop", "-jar"},
             "Shop"},
        Case{"/usr/bin/java", {"java", "-m", "mod/com.x.Shop"}, "Shop"},
        Case{"/usr/bin/java", {"java", "@args", "Shop.java"}, "Shop"},
        Case{"/usr/bin/java", {"java", "-Dspring.application.name=shop", "-jar", "x.jar"}, "shop"},
        Case{"/usr/bin/java", {"java", "-version"}, "java"},
        Case{"/usr/bin/java", {"java", "-jar"}, "java"}));

INSTANTIATE_TEST_SUITE_P(
    Others, ServiceNameTest,
    ::testing::Values(  //
        Case{"/usr/bin/ruby3.1", {"ruby", "-I", "lib", "shop.rb"}, "shop"},
        Case{"/usr/bin/ruby3.1", {"ruby", "bin/rails", "server"}, "orders"},
        Case{"/usr/bin/ruby3.1", {"puma 6.4.0 (tcp://0.0.0.0:3000) [shop]"}, "shop"},
        Case{"/usr/bin/ruby3.1", {"ruby", "-e", "puts"}, "ruby"},
        Case{"/usr/bin/php8.2", {"php", "-d", "x=1", "shop.php"}, "shop"},
        Case{"/usr/bin/php8.2", {"php", "artisan", "serve"}, "orders"},
        Case{"/usr/bin/php8.2", {"php", "-S", "0:80", "-t", "public"}, "orders"},
        Case{"/usr/bin/php8.2", {"php", "-r", "echo 1;"}, "php"},
        Case{"/usr/share/dotnet/dotnet", {"dotnet", "/app/Shop.Api.dll"}, "Shop.Api"},
        Case{"/usr/share/dotnet/dotnet", {"dotnet", "run"}, "orders"}));

// Every argument except those that give the name is a secret here.
struct Secretive {
  const char* exe;
  std::vector<std::string> args;
  std::vector<std::string> kept;
  const char* comm = "";
};

class NamingArgsTest : public ::testing::TestWithParam<Secretive> {};

TEST_P(NamingArgsTest, HoldNoSecret) {
  ProcessFacts facts;
  facts.exe = GetParam().exe;
  facts.args = GetParam().args;
  facts.comm = GetParam().comm;
  facts.cwd = "/srv/hunter2";
  EXPECT_EQ(naming_args(facts), GetParam().kept);
  for (const std::string& arg : naming_args(facts)) {
    EXPECT_EQ(arg.find("hunter2"), std::string::npos) << arg;
  }
}

INSTANTIATE_TEST_SUITE_P(
    CommandLines, NamingArgsTest,
    ::testing::Values(  //
        Secretive{"/usr/bin/curl",
                  {"curl", "-u", "bob:hunter2", "http://bob:hunter2@h/?t=hunter2"},
                  {"curl"}},
        Secretive{"/usr/bin/psql", {"hunter2"}, {}},
        Secretive{"/srv/shop", {"/srv/shop --password=hunter2"}, {}},
        Secretive{"/srv/shop", {"/srv/shop --password=hunter2"}, {"shop"}, "shop"},
        Secretive{"/usr/bin/postgres", {"postgres: bob hunter2 10.0.0.7(3452) idle"}, {}},
        Secretive{"/usr/bin/redis-check-rdb",
                  {"redis-server hunter2:6379"},
                  {"redis-server"},
                  "redis-server"},
        Secretive{
            kPython, {"python3", "/hunter2/shop.py", "--key", "hunter2"}, {"python3", "shop.py"}},
        Secretive{kPython,
                  {"python3", "-Wdefault:hunter2", "-m", "shop.cli", "hunter2"},
                  {"python3", "-m", "shop.cli"}},
        Secretive{kPython, {"python3", "-c", "login('hunter2')"}, {"python3"}},
        Secretive{kPython, {"python3", "https://bob:hunter2@h/x.py"}, {"python3.11"}},
        Secretive{kPython, {"hunter2", "-c", "1"}, {"python3.11"}},
        Secretive{kPython,
                  {"python", "/v/gunicorn", "-e", "K=hunter2", "shop:create('hunter2')"},
                  {"python", "-m", "shop"}},
        Secretive{kPython, {"gunicorn: master hunter2 [shop:app]"}, {"python3.11", "-m", "shop"}},
        Secretive{"/venv/bin/uvicorn",
                  {"/usr/bin/python3", "/venv/bin/uvicorn", "shop:app", "--root-path", "hunter2"},
                  {"/usr/bin/python3", "/venv/bin/uvicorn", "--app", "shop:app"}},
        Secretive{"/srv/run.sh", {"/bin/sh", "/srv/run.sh", "hunter2"}, {"/bin/sh", "/srv/run.sh"}},
        Secretive{"/usr/bin/node",
                  {"node", "--title", "hunter2", "shop.js", "hunter2"},
                  {"node", "shop.js"}},
        Secretive{"/usr/bin/node", {"node", "-e", "f('hunter2')", "hunter2"}, {"node"}},
        Secretive{
            "/usr/bin/node", {"node", "--no-warnings", "-pe", "hunter2", "hunter2"}, {"node"}},
        Secretive{"/usr/bin/java",
                  {"java", "-Dpassword=hunter2", "-Dotel.service.name=shop", "-jar", "hunter2.jar"},
                  {"java", "-Dotel.service.name=shop"}},
        Secretive{"/usr/bin/java",
                  {"java", "-Dpw=hunter2", "-jar", "/opt/shop-1.jar", "hunter2"},
                  {"java", "-jar", "shop-1.jar"}},
        Secretive{"/usr/bin/ruby", {"ruby", "-W0", "-e", "'hunter2'", "hunter2"}, {"ruby"}},
        Secretive{"/usr/bin/ruby", {"ruby", "-ehunter2", "hunter2"}, {"ruby"}},
        Secretive{"/usr/bin/php", {"php", "-B", "'hunter2';", "shop.php"}, {"php", "shop.php"}},
        Secretive{"/usr/bin/php", {"php", "-r", "'hunter2';", "hunter2"}, {"php"}}));

}  // namespace
}  // namespace weft
