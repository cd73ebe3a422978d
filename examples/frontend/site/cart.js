import { loadBooks, price } from "./books.js";

// The address names the books, each as often as it is wanted: cart.html?book=emma&book=dune&book=dune
const wanted = new URLSearchParams(location.search).getAll("book");
const lines = (await loadBooks())
  .map((book) => ({ ...book, count: wanted.filter((name) => name === book.name).length }))
  .filter((line) => line.count > 0);
document.querySelector("#lines").replaceChildren(...lines.map((line) => {
  const item = document.createElement("li");
  item.textContent = `${line.count} × ${line.title}: ${price(line.count * line.cents)}`;
  return item;
}));
const total = lines.reduce((sum, line) => sum + line.count * line.cents, 0);
document.querySelector("#total").textContent = lines.length > 0 ? `Total: ${price(total)}` : "The cart is empty.";
