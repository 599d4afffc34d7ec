// Making or using a passkey: the browser asks its owner, and the form takes the answer along.

export default function passkey(place) {
  const form = place.querySelector("form");
  const failed = form.querySelector("[role=alert]");
  const { ceremony, options } = place.dataset;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      const asked = JSON.parse(options);
      const credential =
        ceremony === "create"
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
      form.elements.credential.value = JSON.stringify(credential.toJSON());
    } catch {
      failed.hidden = false; // declined, timed out, or a browser without passkeys
      return;
    }
    form.submit();
  });
}
