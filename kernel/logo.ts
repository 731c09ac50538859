/** @file The kernel's picture in Jupyter's launcher: a torch. */
export const kernelLogo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <path d="M26 34h12l-3 26h-6z" fill="#7c4a1e"/>
  <path d="M22 30h20v5H22z" fill="#57534e"/>
  <path d="M32 3c3 9 12 12 10 22-1 3-4 5-4 5H26s-4-3-4-8c0-6 5-7 5-12 4 3 4 5 4 8 3-4 3-9 1-15z" fill="#d97706"/>
  <path d="M32 17c1 4 5 6 3 13h-6c-3-5 2-7 3-13z" fill="#fde68a"/>
</svg>
`;
