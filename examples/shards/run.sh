# Runs the tests of the words.
for test; do
  sh "tests/$test" && echo "ok $test" || exit
done
