// SPDX-License-Identifier: Apache-2.0
// The statements of driver_round_trips.py, with JDBC: java Statements DB_PORT DATABASE.
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

public class Statements {
  static void update(Connection db, String text, Object... values) throws SQLException {
    try (PreparedStatement statement = db.prepareStatement(text)) {
      for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
      statement.executeUpdate();
    }
  }

  public static void main(String[] args) throws SQLException {
    String where = "jdbc:postgresql://127.0.0.1:" + args[0] + "/" + args[1];
    try (Connection db = DriverManager.getConnection(where + "?user=postgres&sslmode=disable");
        PreparedStatement kept = db.prepareStatement("select text from notes where id = ?")) {
      // More often than the driver executes a statement before it gives it a name.
      for (int number = 0; number < 8; number++) {
        update(db, "insert into notes values (?, ?)", number, "one");
        db.setAutoCommit(false);
        update(db, "update notes set text = ? where id = ?", "two", number);
        db.commit();
        db.setAutoCommit(true);
        kept.setInt(1, number);
        try (ResultSet rows = kept.executeQuery()) {
          rows.next();
        }
        try (Statement plain = db.createStatement()) {
          plain.executeQuery("select count(*) from notes").next();
        }
      }
    }
  }
}
