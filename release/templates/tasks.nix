# Nix expression, made by the release: nix-build -E 'with import <nixpkgs> {}; callPackage ./tasks.nix {}'
{ lib, stdenvNoCC, fetchurl, installShellFiles }:

let
  sources = {
    x86_64-linux = {
      url = "{{.Downloads}}/{{.Name "linux/amd64"}}";
      sha256 = "{{.Sum "linux/amd64"}}";
    };
    aarch64-linux = {
      url = "{{.Downloads}}/{{.Name "linux/arm64"}}";
      sha256 = "{{.Sum "linux/arm64"}}";
    };
    x86_64-darwin = {
      url = "{{.Downloads}}/{{.Name "darwin/amd64"}}";
      sha256 = "{{.Sum "darwin/amd64"}}";
    };
    aarch64-darwin = {
      url = "{{.Downloads}}/{{.Name "darwin/arm64"}}";
      sha256 = "{{.Sum "darwin/arm64"}}";
    };
  };
  system = stdenvNoCC.hostPlatform.system;
in
stdenvNoCC.mkDerivation {
  pname = "tasks";
  version = "{{.Version}}";
  src = fetchurl (sources.${system} or (throw "tasks has no program for ${system}"));
  sourceRoot = ".";
  nativeBuildInputs = [ installShellFiles ];
  dontBuild = true;

  installPhase = ''
    runHook preInstall
    install -D -m 755 tasks $out/bin/tasks
    installManPage man/*.1
    installShellCompletion --bash --name tasks completions/tasks.bash
    installShellCompletion --zsh completions/_tasks
    installShellCompletion --fish completions/tasks.fish
    runHook postInstall
  '';

  meta = {
    description = "{{.Summary}}";
    homepage = "{{.Repository}}";
    license = lib.licenses.asl20;
    platforms = builtins.attrNames sources;
    mainProgram = "tasks";
  };
}
