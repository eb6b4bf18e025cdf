export function Explanation({ id }: { id: string }) {
  return <code className="font-mono">{id}</code>;
}
