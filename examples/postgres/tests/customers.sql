BEGIN;

INSERT INTO customers (email, name) VALUES ('test-one@example.org', 'One');

DO $$
BEGIN
  INSERT INTO customers (email, name) VALUES ('Test-One@Example.org', 'Other');
  RAISE EXCEPTION 'an address was taken twice' USING ERRCODE = 'assert_failure';
EXCEPTION WHEN unique_violation THEN NULL;
END $$;

DO $$
BEGIN
  INSERT INTO customers (email, name) VALUES ('nobody', 'Nobody');
  RAISE EXCEPTION 'an address without @ was taken' USING ERRCODE = 'assert_failure';
EXCEPTION WHEN check_violation THEN NULL;
END $$;

ROLLBACK;
