// SPDX-License-Identifier: Apache-2.0
// The published test cases of the OpenTelemetry database conventions
// (docs/non-normative/database-test-cases), all for the generic dialect. Where they allow several
// texts, this is the one with every literal hidden and none merged.
#include <gtest/gtest.h>
#include <string>

#include "agent/sql/sql.h"

namespace weft::sql {
namespace {

struct Case {
  const char* name;
  const char* query;
  const char* text;  // null: the query itself
  const char* summary;
};

constexpr Case kCases[] = {
    {"integers", "SELECT 12, -12, +12", "SELECT ?, ?, ?", "SELECT"},
    {"decimals", "SELECT 12.34, -12.34, +12.34, .01, -.01", "SELECT ?, ?, ?, ?, ?", "SELECT"},
    {"exponents", "SELECT 12.34e56, -12.34e56, +12.34e56", "SELECT ?, ?, ?", "SELECT"},
    {"negative_exponents", "SELECT 12.34e-56, -12.34e-56, +12.34e-56", "SELECT ?, ?, ?", "SELECT"},
    {"arithmetic", "SELECT 99+100", "SELECT ??", "SELECT"},
    {"hex", "SELECT 0xDEADBEEF, 0XdeadBEEF", "SELECT ?, ?", "SELECT"},
    {"string", "SELECT 'hello'", "SELECT ?", "SELECT"},
    {"doubled_quote", "SELECT 'My name''s not important'", "SELECT ?", "SELECT"},
    {"newline_in_string", "SELECT 'My name is \n not important'", "SELECT ?", "SELECT"},
    {"digits_in_names", "SELECT c3po, r2d2 FROM covid19 WHERE n1h1=1234",
     "SELECT c3po, r2d2 FROM covid19 WHERE n1h1=?", "SELECT covid19"},
    {"dots_in_names", "SELECT a FROM dbo.Table JOIN dbo.AnotherTable", nullptr,
     "SELECT dbo.Table dbo.AnotherTable"},
    {"insert_into", "INSERT INTO X VALUES(1, 23456, 123.456, 99+100)",
     "INSERT INTO X VALUES(?, ?, ?, ?"
     "?)",
     "INSERT X"},
    {"uuid", "SELECT { guid '01234567-89ab-cdef-0123-456789abcdef' }", "SELECT { guid ? }",
     "SELECT"},
    {"in_list", "SELECT * FROM table WHERE value IN (123, 456, 'abc')",
     "SELECT * FROM table WHERE value IN (?, ?, ?)", "SELECT table"},
    {"comments", "SELECT column -- end of line comment\nFROM /* block \n comment */ table",
     "SELECT column \nFROM  table", "SELECT table"},
    {"insert_select",
     "INSERT INTO shipping_details\n(order_id,\naddress)\nSELECT order_id,\naddress\n"
     "FROM   orders\nWHERE  order_id = 1",
     "INSERT INTO shipping_details\n(order_id,\naddress)\nSELECT order_id,\naddress\n"
     "FROM   orders\nWHERE  order_id = ?",
     "INSERT shipping_details SELECT orders"},
    {"nested",
     "SELECT order_date\nFROM   (SELECT *\nFROM   orders o\nJOIN customers c\n"
     "ON o.customer_id = c.customer_id)",
     nullptr, "SELECT SELECT orders customers"},
    {"nested_case_kept",
     "SELEcT order_date\nFROM   (sELECT *\nFROM   orders o\nJOIN customers c\n"
     "ON o.customer_id = c.customer_id)",
     nullptr, "SELEcT sELECT orders customers"},
    {"case_kept", "SELEcT order_date\nFROM ORders", nullptr, "SELEcT ORders"},
    {"cross_join", "SELECT * FROM Orders o CROSS JOIN OrderDetails od", nullptr,
     "SELECT Orders OrderDetails"},
    {"comma_join", "SELECT * FROM Orders o, OrderDetails od", nullptr,
     "SELECT Orders OrderDetails"},
    {"create_table", "CREATE  TABLE MyTable (\n    ID NOT NULL IDENTITY(1,1) PRIMARY KEY\n)",
     "CREATE  TABLE MyTable (\n    ID NOT NULL IDENTITY(?,?) PRIMARY KEY\n)",
     "CREATE TABLE MyTable"},
    {"alter_table", "ALTER  TABLE MyTable ADD Name varchar(255)",
     "ALTER  TABLE MyTable ADD Name varchar(?)", "ALTER TABLE MyTable"},
    {"drop_table", "DROP  TABLE MyTable", nullptr, "DROP TABLE MyTable"},
    {"keyword_prefix", "SELECT * FROM SelectedData", nullptr, "SELECT SelectedData"},
    {"create_clustered_index",
     "CREATE UNIQUE CLUSTERED INDEX IX_Employee_Email ON Employees (Email);", nullptr,
     "CREATE INDEX IX_Employee_Email"},
    {"create_unique_index", "CREATE UNIQUE INDEX IX_Employee_Email ON Employees (Email);", nullptr,
     "CREATE INDEX IX_Employee_Email"},
    {"distinct", "SELECT DISTINCT Country FROM Countries", nullptr, "SELECT Countries"},
    {"distinct_join", "SELECT DISTINCT o.Id FROM Orders o JOIN Customers c ON o.CustomerId = c.Id",
     nullptr, "SELECT Orders Customers"},
    {"if_not_exists", "CREATE TABLE IF NOT EXISTS Users (Id INT PRIMARY KEY, Name NVARCHAR(100));",
     "CREATE TABLE IF NOT EXISTS Users (Id INT PRIMARY KEY, Name NVARCHAR(?));",
     "CREATE TABLE Users"},
    {"create_view", "CREATE VIEW ActiveUsers AS SELECT * FROM Users WHERE IsActive = 1;",
     "CREATE VIEW ActiveUsers AS SELECT * FROM Users WHERE IsActive = ?;",
     "CREATE VIEW ActiveUsers"},
    {"rename_column", "ALTER TABLE Orders RENAME COLUMN OldName TO NewName;", nullptr,
     "ALTER TABLE Orders"},
    {"create_procedure",
     "CREATE PROCEDURE GetUserById @UserId INT AS SELECT * FROM Users WHERE Id = @UserId;", nullptr,
     "CREATE PROCEDURE GetUserById"},
    {"create_trigger",
     "CREATE TRIGGER trg_UpdateTimestamp ON Orders AFTER UPDATE AS BEGIN UPDATE Orders SET "
     "UpdatedAt = GETDATE() WHERE Id IN (SELECT Id FROM inserted); END;",
     nullptr, "CREATE TRIGGER trg_UpdateTimestamp"},
    {"alter_trigger",
     "ALTER TRIGGER trg_AfterInsert ON Employees AFTER INSERT AS BEGIN INSERT INTO AuditLog "
     "(EmployeeId, Action) SELECT Id, 'INSERT' FROM inserted; END;",
     "ALTER TRIGGER trg_AfterInsert ON Employees AFTER INSERT AS BEGIN INSERT INTO AuditLog "
     "(EmployeeId, Action) SELECT Id, ? FROM inserted; END;",
     "ALTER TRIGGER trg_AfterInsert"},
    {"alter_procedure",
     "ALTER PROCEDURE UpdateUserEmail @UserId INT, @Email NVARCHAR(100) AS UPDATE Users SET "
     "Email = @Email WHERE Id = @UserId;",
     "ALTER PROCEDURE UpdateUserEmail @UserId INT, @Email NVARCHAR(?) AS UPDATE Users SET "
     "Email = @Email WHERE Id = @UserId;",
     "ALTER PROCEDURE UpdateUserEmail"},
    {"drop_trigger", "DROP TRIGGER IF EXISTS trg_AfterInsert;", nullptr,
     "DROP TRIGGER trg_AfterInsert"},
    {"drop_procedure", "DROP PROCEDURE IF EXISTS RemoveEmployee;", nullptr,
     "DROP PROCEDURE RemoveEmployee"},
    {"many_joins",
     "SELECT o.Id, c.Name, SUM(oi.Quantity) FROM Orders o JOIN Customers c ON o.CustomerId = "
     "c.Id JOIN OrderItems oi ON o.Id = oi.OrderId GROUP BY o.Id, c.Name;",
     nullptr, "SELECT Orders Customers OrderItems"},
    {"window_function",
     "SELECT DISTINCT Department, COUNT(*) OVER (PARTITION BY Department) AS DeptCount FROM "
     "Employees;",
     nullptr, "SELECT Employees"},
    {"union", "SELECT Id, Name FROM Customers UNION SELECT Id, Name FROM Suppliers ORDER BY Name;",
     nullptr, "SELECT Customers Suppliers"},
    {"create_database", "CREATE DATABASE TestDb;", nullptr, "CREATE DATABASE TestDb"},
    {"alter_database", "ALTER DATABASE TestDb MODIFY NAME = NewTestDb;", nullptr,
     "ALTER DATABASE TestDb"},
    {"drop_database", "DROP DATABASE IF EXISTS TestDb;", nullptr, "DROP DATABASE TestDb"},
    {"alter_schema", "ALTER SCHEMA Reporting TRANSFER dbo.OldTable;", nullptr,
     "ALTER SCHEMA Reporting"},
    {"create_sequence", "CREATE SEQUENCE SalesSeq START WITH 1 INCREMENT BY 1;",
     "CREATE SEQUENCE SalesSeq START WITH ? INCREMENT BY ?;", "CREATE SEQUENCE SalesSeq"},
    {"alter_sequence", "ALTER SEQUENCE SalesSeq RESTART WITH 100;",
     "ALTER SEQUENCE SalesSeq RESTART WITH ?;", "ALTER SEQUENCE SalesSeq"},
    {"create_function",
     "CREATE FUNCTION dbo.GetTotal(@a INT, @b INT) RETURNS INT AS BEGIN RETURN @a + @b; END;",
     nullptr, "CREATE FUNCTION dbo.GetTotal"},
    {"drop_function", "DROP FUNCTION dbo.GetTotal;", nullptr, "DROP FUNCTION dbo.GetTotal"},
    {"create_user", "CREATE USER johndoe WITH PASSWORD = 'password';",
     "CREATE USER johndoe WITH PASSWORD = ?;", "CREATE USER johndoe"},
    {"alter_role", "ALTER ROLE app_admin ADD MEMBER johndoe;", nullptr, "ALTER ROLE app_admin"},
    {"alter_index", "ALTER INDEX IX_Employee_Email ON Employees REBUILD;", nullptr,
     "ALTER INDEX IX_Employee_Email"},
    {"exec_rename", "EXEC sp_rename 'OldTable', 'NewTable';", "EXEC sp_rename ?, ?;",
     "EXEC sp_rename"},
    {"exec", "EXEC GetAllEmployees;", nullptr, "EXEC GetAllEmployees"},
    {"exec_named", "EXEC GetEmployeeById @EmployeeId = 42;",
     "EXEC GetEmployeeById @EmployeeId = ?;", "EXEC GetEmployeeById"},
    {"parentheses", "SELECT ((123)) AS C;", "SELECT ((?)) AS C;", "SELECT"},
    {"default_value", "CREATE TABLE T (A INT DEFAULT (123));",
     "CREATE TABLE T (A INT DEFAULT (?));", "CREATE TABLE T"},
    {"function_argument", "SELECT ABS((123));", "SELECT ABS((?));", "SELECT"},
    {"between", "SELECT * FROM T WHERE Amount BETWEEN (10) AND (20);",
     "SELECT * FROM T WHERE Amount BETWEEN (?) AND (?);", "SELECT T"},
    {"coalesce", "SELECT * FROM T WHERE Id = COALESCE((123), 0);",
     "SELECT * FROM T WHERE Id = COALESCE((?), ?);", "SELECT T"},
    {"cast", "SELECT CAST((123) AS INT);", "SELECT CAST((?) AS INT);", "SELECT"},
    {"type_lengths", "CREATE TABLE Table (Payload VARBINARY(16), Duration TIME(7));",
     "CREATE TABLE Table (Payload VARBINARY(?), Duration TIME(?));", "CREATE TABLE Table"},
    {"top", "SELECT TOP 10 * FROM Employees", "SELECT TOP ? * FROM Employees", "SELECT Employees"},
    {"top_in_parentheses", "SELECT TOP (10) * FROM Employees", "SELECT TOP (?) * FROM Employees",
     "SELECT Employees"},
    {"in_list_negative", "SELECT * FROM table WHERE value IN (-123, .456, 'abc', 0.12, 1e10)",
     "SELECT * FROM table WHERE value IN (?, ?, ?, ?, ?)", "SELECT table"},
    {"cut_in_list", "SELECT * FROM table WHERE value IN ('abc', 0xAB, .456,",
     "SELECT * FROM table WHERE value IN (?, ?, ?,", "SELECT table"},
    {"malformed_after_type", "ALTER  TABLE MyTable ADD Name varchar(255) 'mypassword' 1234",
     "ALTER  TABLE MyTable ADD Name varchar(?) ? ?", "ALTER TABLE MyTable"},
    {"malformed_after_name", "ALTER  TABLE MyTable 'mypassword' ADD 123 Name varchar(255)",
     "ALTER  TABLE MyTable ? ADD ? Name varchar(?)", "ALTER TABLE MyTable"},
    // Published with the summary "UPDATE", against the text of the conventions: the target of
    // an operation belongs to it.
    {"update", "UPDATE T SET A = (999);", "UPDATE T SET A = (?);", "UPDATE T"},
};

class Fixture : public testing::TestWithParam<Case> {};

TEST_P(Fixture, AsPublished) {
  const Case& c = GetParam();
  const Statement got = sanitize(c.query, Dialect::kGeneric);
  EXPECT_EQ(got.text, c.text ? c.text : c.query);
  EXPECT_EQ(got.summary, c.summary);
}

INSTANTIATE_TEST_SUITE_P(Conventions, Fixture, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(FixtureLimits, ATargetThatDoesNotFitEndsTheSummary) {
  const std::string query = "SELECT * FROM " + std::string(253, 'v') + " o, OrderDetails od";
  const Statement got = sanitize(query, Dialect::kGeneric);
  EXPECT_EQ(got.text, query);
  EXPECT_EQ(got.summary, "SELECT");
}

}  // namespace
}  // namespace weft::sql
