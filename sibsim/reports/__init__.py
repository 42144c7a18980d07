"""What people look at: tables, walks through one draw; the only room that may draw pictures."""
